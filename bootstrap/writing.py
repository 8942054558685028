"""Who writes storyboards, by the settings."""

from functools import cache

from adapters.openai.endpoint import Endpoint
from adapters.openai.planner import OpenAIScriptPlanner
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
    writer = make_model_writer(settings)
    return WritingTools(planner=writer or ScreenplayPlanner(languages()), languages=languages())


def make_model_writer(settings: WriterSettings) -> OpenAIScriptPlanner | None:
    """Answer the writer over a model, None where the built-in one writes."""
    if settings.kind != "openai" or not (settings.base_url and settings.api_key and settings.model):
        return None
    key = settings.api_key.get_secret_value()
    return OpenAIScriptPlanner(Endpoint(settings.base_url, key, settings.model, settings.timeout_seconds))
