"""Film grammar: how near the camera stands, how it moves, and who stands where.

The rules of the handbooks (Katz, Film Directing Shot by Shot; Arijon, Grammar of the Film Language): show the place
first, come closer for talk and closest for feeling, keep each side of a talk on its side of the axis, change the size
between two shots of one subject, and move the camera only for a reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.screenplay.beats import BeatKind
from adapters.screenplay.drafts import Draft
from adapters.screenplay.names import Figure
from domain.storyboards.models import CameraMove, Placement, ShotSize, Transition

_SIZES = tuple(ShotSize)
_CLOSEST = {0: ShotSize.WIDE, 1: ShotSize.EXTREME_CLOSE_UP, 2: ShotSize.MEDIUM_CLOSE_UP, 3: ShotSize.MEDIUM}
_RE_ESTABLISH_EVERY = 6
_LONG_SECONDS = 5.5
_ESTABLISHING = (CameraMove.PAN_RIGHT, CameraMove.PARALLAX, CameraMove.PAN_LEFT)


@dataclass(frozen=True, slots=True)
class Camera:
    """What the director decides for one shot."""

    size: ShotSize
    move: CameraMove
    transition: Transition
    figures: tuple[Figure, ...]
    placements: tuple[Placement, ...]


class Director:
    """Places the camera shot by shot, remembering the shots before."""

    def __init__(self) -> None:
        self._cameras: list[Camera] = []
        self._drafts: list[Draft] = []
        self._talk_length = 0
        self._sides: dict[str, Placement] = {}
        self._has_cast = True

    def direct(self, drafts: Sequence[Draft]) -> list[Camera]:
        self._has_cast = any(figure.id for draft in drafts for figure in draft.figures)
        for index, draft in enumerate(drafts):
            if draft.opens_scene:
                self._sides.clear()
            self._talk_length = self._talk_length + 1 if draft.kind is BeatKind.SPEECH and not draft.opens_scene else 0
            if draft.kind is BeatKind.SPEECH and draft.opens_scene:
                self._talk_length = 1
            figures = self._framed(draft)
            size = self._varied(self._wanted_size(draft, figures), draft, figures)
            move = self._move(draft, size, is_last=index == len(drafts) - 1)
            self._cameras.append(Camera(size, move, self._transition(draft), figures, self._placements(draft, figures)))
            self._drafts.append(draft)
        return self._cameras

    def _framed(self, draft: Draft) -> tuple[Figure, ...]:
        """A talk opens on both, and comes back to both now and then; in between each has their own shot.

        Of a speaker whom nobody has a picture of we see how the listener takes it.
        """
        seen = self._visible(draft.figures)
        heard = self._visible((draft.listener,) if draft.listener else ())
        if draft.kind is BeatKind.SPEECH and (not seen or self._is_two_shot(draft)):
            return tuple(dict.fromkeys((*seen, *heard)))
        return seen

    def _visible(self, figures: tuple[Figure, ...]) -> tuple[Figure, ...]:
        """Where the film has a cast, only the cast is seen; without any, the framing follows the words."""
        return tuple(figure for figure in figures if figure.id or not self._has_cast)

    def _is_two_shot(self, draft: Draft) -> bool:
        is_felt = "loud" in draft.cues or ("emotion" in draft.cues and self._talk_length > 1)
        return len(draft.lines) > 1 or (self._talk_length % _RE_ESTABLISH_EVERY == 1 and not is_felt)

    def _wanted_size(self, draft: Draft, figures: tuple[Figure, ...]) -> ShotSize:
        if draft.kind is BeatKind.SCENE:
            return ShotSize.EXTREME_WIDE
        if draft.kind is BeatKind.SPEECH:
            return self._speech_size(draft, figures)
        if draft.opens_scene:
            return ShotSize.WIDE if figures or self._cameras else ShotSize.EXTREME_WIDE
        return _action_size(draft.cues, len(figures))

    def _speech_size(self, draft: Draft, figures: tuple[Figure, ...]) -> ShotSize:
        if draft.opens_scene:
            return ShotSize.FULL
        if len(figures) != 1:
            return ShotSize.MEDIUM
        if draft.cues & {"emotion", "loud", "detail"}:
            return ShotSize.CLOSE_UP
        return ShotSize.MEDIUM_CLOSE_UP

    def _varied(self, wanted: ShotSize, draft: Draft, figures: tuple[Figure, ...]) -> ShotSize:
        """Never the same size thrice, nor twice on the same subject, where the cut would look like a jump."""
        sizes = [camera.size for camera in self._cameras]
        thrice = len(sizes) >= 2 and sizes[-1] == sizes[-2] == wanted
        jumps = bool(sizes) and sizes[-1] is wanted and self._cameras[-1].figures == figures and bool(figures)
        if not (thrice or jumps):
            return wanted
        return _neighbour(wanted, len(figures), closer=draft.kind is BeatKind.SPEECH or bool(draft.cues & {"emotion"}))

    def _move(self, draft: Draft, size: ShotSize, *, is_last: bool) -> CameraMove:
        before = [camera.move for camera in self._cameras[-2:]]
        rested = not before or before[-1] is CameraMove.STATIC
        if is_last and len(self._cameras) > 1 and draft.kind is not BeatKind.SPEECH:
            return CameraMove.PULL_OUT
        wanted = self._motivated(draft, size)
        if wanted is CameraMove.STATIC and draft.seconds >= _LONG_SECONDS and len(draft.figures) == 1:
            wanted = CameraMove.PUSH_IN
        return wanted if rested or draft.opens_scene else CameraMove.STATIC

    def _motivated(self, draft: Draft, size: ShotSize) -> CameraMove:
        """Answer the move that the content asks for; static when nothing does."""
        if draft.opens_scene:
            return CameraMove.TILT_UP if "tall" in draft.cues else _ESTABLISHING[draft.scene % len(_ESTABLISHING)]
        if "chase" in draft.cues and draft.kind is BeatKind.ACTION:
            return CameraMove.HANDHELD
        if size in (ShotSize.CLOSE_UP, ShotSize.EXTREME_CLOSE_UP) and "emotion" in draft.cues:
            return CameraMove.PUSH_IN
        if "motion" in draft.cues and draft.kind is BeatKind.ACTION:
            return self._following()
        return CameraMove.TILT_UP if "tall" in draft.cues and not draft.figures else CameraMove.STATIC

    def _following(self) -> CameraMove:
        """Follow movement, each time the other way than the last."""
        pans = (CameraMove.PAN_RIGHT, CameraMove.PAN_LEFT, CameraMove.PARALLAX)
        last = next((camera.move for camera in reversed(self._cameras) if camera.move in pans), pans[-1])
        return pans[(pans.index(last) + 1) % len(pans)]

    def _transition(self, draft: Draft) -> Transition:
        if not self._cameras:
            return Transition.FADE
        return Transition.DISSOLVE if draft.opens_scene else Transition.CUT

    def _placements(self, draft: Draft, figures: tuple[Figure, ...]) -> tuple[Placement, ...]:
        """Keep the axis: whoever spoke from the left speaks from the left until the scene ends."""
        if len(figures) > 2 or (draft.kind is not BeatKind.SPEECH and len(figures) < 2):
            return tuple(Placement.AUTOMATIC for _ in figures)
        talking = (*draft.figures[:1], draft.listener) if draft.listener and len(figures) == 1 else figures
        self._take_sides([figure.name for figure in talking])
        return tuple(self._sides[figure.name] for figure in figures)

    def _take_sides(self, names: Sequence[str]) -> None:
        other = {Placement.LEFT: Placement.RIGHT, Placement.RIGHT: Placement.LEFT}
        for name, partner in zip(names, reversed(names), strict=True):
            taken = self._sides.get(partner) if partner != name else None
            self._sides.setdefault(name, other[taken] if taken else Placement.LEFT)
        if len(names) == 2 and self._sides[names[0]] is self._sides[names[1]]:
            self._sides[names[1]] = other[self._sides[names[0]]]


def _action_size(cues: frozenset[str], figures: int) -> ShotSize:
    if figures == 0:
        return ShotSize.WIDE
    if figures >= 3:
        return ShotSize.WIDE
    if "chase" in cues:
        return ShotSize.FULL
    if figures == 1 and cues & {"emotion", "detail"}:
        return ShotSize.CLOSE_UP
    if figures == 1 and "still" in cues:
        return ShotSize.MEDIUM_CLOSE_UP
    return ShotSize.FULL if "motion" in cues else ShotSize.MEDIUM


def _neighbour(size: ShotSize, figures: int, *, closer: bool) -> ShotSize:
    """One step nearer or farther, as near as that many figures allow."""
    index = _SIZES.index(size)
    nearest = _SIZES.index(_CLOSEST.get(figures, ShotSize.FULL))
    if closer and index + 1 <= min(nearest, len(_SIZES) - 2):
        return _SIZES[index + 1]
    if index > 1 or (index == 1 and not figures):
        return _SIZES[index - 1]
    return _SIZES[min(index + 1, len(_SIZES) - 1)]
