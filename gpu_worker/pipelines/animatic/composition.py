"""Where the cast stands: sizes, thirds, eyelines, headroom and who faces whom; geometry only, in frame pixels."""

from dataclasses import dataclass

HEADS_TALL = 3.25  # a whole figure, in head heights: storybook proportions
# Head height as a share of the reference height, and the height of the head's middle in the frame.
HEADS = {
    "extreme_wide": 0.098,
    "wide": 0.150,
    "full": 0.205,
    "medium": 0.345,
    "medium_close_up": 0.445,
    "close_up": 0.575,
    "extreme_close_up": 0.90,
}
MIDDLES = {"medium": 0.345, "medium_close_up": 0.375, "close_up": 0.425, "extreme_close_up": 0.455}
# Above the plate of a caption of two lines, or of one with its speaker.
FEET = {"extreme_wide": 0.80, "wide": 0.80, "full": 0.80}
SIDES = {"left": -1, "automatic": 0, "centre": 0, "right": 1}


@dataclass(frozen=True, slots=True)
class Shape:
    """What composing needs to know of a figure; lengths in head heights, `facing` -1 left, 0 ahead, 1 right."""

    width: float  # of the cut-out
    height: float  # of the cut-out
    facing: int
    placement: str
    is_speaking: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A figure in the frame: the cut-out's middle and top, head height px, feet px (below the frame when unseen)."""

    index: int
    centre: float
    top: float
    head: float
    feet: float
    is_mirrored: bool

    @property
    def order(self) -> float:
        """Those further down stand nearer and are drawn later."""
        return self.feet


def compose(shapes: list[Shape], size: str, frame: tuple[int, int], lead: int) -> list[Place]:
    """Place every figure; the order of the result is the order of drawing. `lead` (-1 or 1) breaks ties."""
    if not shapes:
        return []
    width, height = frame
    order = sorted(range(len(shapes)), key=lambda index: SIDES[shapes[index].placement])
    head = _head_height(shapes, size, frame)
    places = [_placed(shapes, order, slot, (size, head, lead), (width, height)) for slot in range(len(order))]
    return sorted(places, key=lambda place: (place.order, place.index))


def focus_of(places: list[Place], shapes: list[Shape], frame: tuple[int, int]) -> tuple[float, float]:
    """What the camera looks at, in shares of the frame: the speaker's face, else the middle of all faces."""
    chosen = [place for place in places if shapes[place.index].is_speaking] or places
    if not chosen:
        return 0.5, 0.52
    across = sum(place.centre for place in chosen) / len(chosen) / frame[0]
    down = sum(place.top + 0.5 * place.head for place in chosen) / len(chosen) / frame[1]
    return 0.5 + 0.6 * (across - 0.5), down


def _head_height(shapes: list[Shape], size: str, frame: tuple[int, int]) -> float:
    width, height = frame
    head = HEADS[size] * min(height, 1.12 * width)
    # In a crowd each has a slot; shoulders may overlap a little, faces never.
    usable = 0.90 * width if len(shapes) > 1 else 0.86 * width
    widest = max(max(shape.width, 1.15) for shape in shapes)
    return min(head, usable * 1.03 / len(shapes) / widest)


def _placed(
    shapes: list[Shape], order: list[int], slot: int, how: tuple[str, float, int], frame: tuple[int, int]
) -> Place:
    size, head, lead = how
    width, height = frame
    index = order[slot]
    shape = shapes[index]
    wanted = _wanted_facing(shape, slot, len(order))
    is_mirrored = wanted * shape.facing < 0
    facing = -shape.facing if is_mirrored else shape.facing
    centre = _across(shape, (slot, len(order)), (size, facing or lead), (width, head))
    # Whoever speaks stands a step nearer; in a crowd the others alternate a little in depth.
    nearer = 1.0 if len(order) == 1 or shape.is_speaking else 0.95 - 0.02 * (slot % 2)
    return _stood(index, centre, head * nearer, (size, nearer, is_mirrored), height)


def _stood(index: int, centre: float, head: float, how: tuple[str, float, bool], height: int) -> Place:
    size, nearer, is_mirrored = how
    total = HEADS_TALL * head
    feet = FEET.get(size, 0.93) * height - (1 - nearer) * 0.35 * height
    if size in FEET:
        return Place(index, centre, feet - total, head, feet, is_mirrored)
    top = MIDDLES[size] * height - head / 2
    if size != "extreme_close_up":
        top = max(top, 0.075 * height)
    if top + total < 1.02 * height:
        # The whole body would show: stand on the ground instead of floating.
        return Place(index, centre, max(top, feet - total), head, max(top, feet - total) + total, is_mirrored)
    return Place(index, centre, top, head, top + total, is_mirrored)


def _wanted_facing(shape: Shape, slot: int, count: int) -> int:
    """In company the left half looks right and the right half left; placed at a side alone, one looks inwards."""
    if count == 1:
        return -SIDES[shape.placement]
    middle = (count - 1) / 2
    return 0 if slot == middle else (1 if slot < middle else -1)


def _across(shape: Shape, where: tuple[int, int], how: tuple[str, int], frame: tuple[int, float]) -> float:
    """The x of the figure: on a third with room to look into when alone, else in its slot."""
    slot, count = where
    size, facing = how
    width, head = frame
    if count > 1:
        span = min(0.90 * width, count * head * 2.15 + 0.10 * width)
        return width / 2 + ((slot + 0.5) / count - 0.5) * span
    if SIDES[shape.placement]:
        return width * (0.5 + 0.17 * SIDES[shape.placement])
    if shape.placement == "centre" or size in {"extreme_close_up", "close_up"}:
        return width * (0.5 - 0.02 * facing)
    aside = {"extreme_wide": 0.15, "wide": 0.13, "full": 0.10}.get(size, 0.085)
    return width * (0.5 - aside * facing)
