"""Which view of a cast member a shot wants to see, so that the pictures nearest to it may lead."""

from domain.characters.views import Facing, Framing, View
from domain.identifiers import CharacterId
from domain.storyboards.models import Placement, ShotContent, ShotSize

FRAMINGS = {
    ShotSize.EXTREME_WIDE: Framing.FULL,
    ShotSize.WIDE: Framing.FULL,
    ShotSize.FULL: Framing.FULL,
    ShotSize.MEDIUM: Framing.HALF,
    ShotSize.MEDIUM_CLOSE_UP: Framing.BUST,
    ShotSize.CLOSE_UP: Framing.HEAD,
    ShotSize.EXTREME_CLOSE_UP: Framing.HEAD,
}
# Who stands at a side looks into the frame: at the others where there are some, else into the room that is left.
FACINGS = {Placement.LEFT: Facing.RIGHT, Placement.RIGHT: Facing.LEFT}


def wanted_view(content: ShotContent, character_id: CharacterId) -> View:
    """The view that the shot's size, and a cast member's place in it, ask for; any facing where no side is given."""
    places = {member.character_id: member.placement for member in content.cast}
    facing = FACINGS.get(places.get(character_id, Placement.AUTOMATIC))
    return View(FRAMINGS[content.size], facing)
