"""Who writes storyboards, by the settings."""

from functools import cache

from adapters.screenplay.planner import ScreenplayPlanner
from adapters.translation.languages import LanguageDetection
from bootstrap.settings import WriterSettings
from domain.storyboards.use_cases.write_storyboard import WritingTools


@cache
def languages() -> LanguageDetection:
    """Answer the detector of languages; its model takes a second to read, once a process, when it is needed."""
    return LanguageDetection()


def make_writing_tools(settings: WriterSettings) -> WritingTools:
    """Answer the writer that the settings choose."""
    if settings.kind == "openai":
        raise NotImplementedError
    return WritingTools(planner=ScreenplayPlanner(languages()), languages=languages())
