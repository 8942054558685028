"""Scripts and writing orders for tests; the texts are in tests/data/scripts/."""

from pathlib import Path
from uuid import UUID

from adapters.screenplay.planner import ScreenplayPlanner
from adapters.translation.languages import LanguageDetection
from domain.identifiers import CharacterId
from domain.storyboards.models import ShotContent
from domain.storyboards.ports import KnownCharacter, WritingOrder

SCRIPTS = Path(__file__).parent / "data" / "scripts"
LANGUAGES = LanguageDetection()


def script(name: str) -> str:
    return (SCRIPTS / name).read_text(encoding="utf-8")


def character_id(name: str) -> CharacterId:
    return CharacterId(UUID(bytes=name.encode().ljust(16, b"\0")[:16]))


def known(name: str, *aliases: str, description: str = "") -> KnownCharacter:
    return KnownCharacter(id=character_id(name), name=name, aliases=aliases, description=description)


def order(text: str, *names: str, seconds_target: float | None = None, language: str = "") -> WritingOrder:
    cast = [known(name) for name in names]
    return WritingOrder(text, "A film", cast, language=language, seconds_target=seconds_target)


def board(text: str, *names: str, seconds_target: float | None = None) -> list[ShotContent]:
    return ScreenplayPlanner(LANGUAGES).plan_all(order(text, *names, seconds_target=seconds_target))


def cast_of(shot: ShotContent, *names: str) -> set[str]:
    """Answer which of the names are in the shot."""
    present = {member.character_id for member in shot.cast}
    return {name for name in names if character_id(name) in present}


def spoken(shots: list[ShotContent]) -> list[tuple[str, str]]:
    """Answer every line of dialogue as (speaker, words)."""
    return [(line.speaker, line.text) for shot in shots for line in shot.dialogue]
