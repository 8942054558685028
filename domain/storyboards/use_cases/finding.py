"""Finding what a use case works on, and checking whom it casts."""

from collections.abc import Iterable

from domain.identifiers import CharacterId, StoryboardId
from domain.storyboards.errors import CastMemberNotFound, StoryboardNotFound
from domain.storyboards.models import ShotContent, Storyboard
from domain.storyboards.ports import StoryboardWork


async def lock_storyboard(work: StoryboardWork, storyboard_id: StoryboardId) -> Storyboard:
    """Answer the storyboard and hold its row; raises StoryboardNotFound."""
    storyboard = await work.storyboards.lock(storyboard_id)
    if storyboard is None:
        raise StoryboardNotFound("There is no such storyboard.", field="id")
    return storyboard


async def require_cast(work: StoryboardWork, character_ids: Iterable[CharacterId], *, field: str = "cast") -> None:
    """Raise CastMemberNotFound for a character that is not of the workspace."""
    wanted = list(dict.fromkeys(character_ids))
    found = await work.character_reads.find_many(wanted) if wanted else {}
    if missing := [str(character_id) for character_id in wanted if character_id not in found]:
        raise CastMemberNotFound(f"There is no such character: {missing[0]}.", field=field)


def cast_in(content: ShotContent) -> list[CharacterId]:
    """Answer everybody whom a shot shows or lets speak."""
    speakers = [line.character_id for line in content.dialogue if line.character_id is not None]
    return [*(member.character_id for member in content.cast), *speakers]
