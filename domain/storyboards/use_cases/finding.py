"""Finding what a use case works on, and checking whom it casts."""

from collections.abc import Iterable

from domain.characters.models import Character
from domain.identifiers import CharacterId, StoryboardId, public_id
from domain.paging import PAGE_ITEMS_MAX, PageRequest
from domain.storyboards.errors import CastMemberNotFound, StoryboardNotFound
from domain.storyboards.models import ShotContent, Storyboard
from domain.storyboards.ports import StoryboardWork

WORKSPACE_CAST_MAX = 500


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
    if missing := [public_id("Character", character_id) for character_id in wanted if character_id not in found]:
        raise CastMemberNotFound(f"There is no such character: {missing[0]}.", field=field)


async def castable(work: StoryboardWork, storyboard: Storyboard) -> list[Character]:
    """Answer the chosen cast, or, when none was chosen, the newest 500 of the workspace, newest first."""
    if storyboard.cast is None:
        return await _everybody(work)
    found = await work.character_reads.find_many(storyboard.cast) if storyboard.cast else {}
    return [found[each] for each in storyboard.cast if each in found]


async def _everybody(work: StoryboardWork) -> list[Character]:
    characters: list[Character] = []
    after: str | None = None
    while len(characters) < WORKSPACE_CAST_MAX:
        page = await work.character_reads.page(PageRequest(first=PAGE_ITEMS_MAX, after=after))
        characters += [edge.item for edge in page.edges]
        if not page.has_next:
            break
        after = page.edges[-1].cursor
    return characters


def cast_in(content: ShotContent) -> list[CharacterId]:
    """Answer everybody whom a shot shows or lets speak."""
    speakers = [line.character_id for line in content.dialogue if line.character_id is not None]
    return [*(member.character_id for member in content.cast), *speakers]
