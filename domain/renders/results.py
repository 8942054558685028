"""Results of steps as they are kept, read back into values; a result that does not read is a bug, told loudly."""

from collections.abc import Mapping
from uuid import UUID

from domain.characters.identity import EmbeddedFigure, EmbeddedFigures, read_vector
from domain.events import Json
from domain.identifiers import CharacterId
from domain.jobs.models import StepResult
from domain.renders.judgements import Finding, Judgement, Verdict
from domain.renders.models import Film, Probe
from domain.renders.planning import CLIP, FIGURES, KEYFRAME
from domain.renders.shots import Picture

FILM, POSTER, CAPTIONS = "film.mp4", "poster.jpg", "captions.vtt"
# The index of what may be forgotten knows such a result by this.
FIGURE_VECTORS, FIGURE_WEIGHTS = "figure_vectors", "weights"


def read_keyframe(step: StepResult) -> Picture:
    return Picture(step.objects[KEYFRAME], step.objects[FIGURES], _text(step.result, "engine_version"))


def read_clip(step: StepResult) -> Picture:
    sampled = tuple(_whole(value) for value in _many(step.result, "sampled_frames"))
    return Picture(step.objects[CLIP], step.objects[FIGURES], _text(step.result, "engine_version"), sampled)


def read_judgement(document: Mapping[str, Json]) -> Judgement:
    return Judgement(tuple(_finding(value) for value in _many(document, "findings")), frames=_whole(document["frames"]))


def read_figures(step: StepResult, *, space: str) -> EmbeddedFigures:
    """The vectors that a worker made of a picture's figures."""
    figures = tuple(_embedded(value) for value in _many(step.result, FIGURE_VECTORS))
    return EmbeddedFigures(space, figures, str(step.result.get(FIGURE_WEIGHTS, "")))


def _embedded(value: Json) -> EmbeddedFigure:
    if not isinstance(value, dict):
        raise TypeError(f"A figure is an object, not {value!r}.")
    return EmbeddedFigure(_whole(value["frame"]), _whole(value["number"]), read_vector(_text(value, "vector")))


def probe_json(probe: Probe) -> dict[str, Json]:
    return {
        "width": probe.width,
        "height": probe.height,
        "frames": probe.frames,
        "frames_per_second": probe.frames_per_second,
        "size_bytes": probe.size_bytes,
        "video_codec": probe.video_codec,
        "pixel_format": probe.pixel_format,
    }


def read_film(step: StepResult) -> Film:
    document = step.result
    probe = Probe(
        width=_whole(document["width"]),
        height=_whole(document["height"]),
        frames=_whole(document["frames"]),
        frames_per_second=_whole(document["frames_per_second"]),
        size_bytes=_whole(document["size_bytes"]),
        video_codec=_text(document, "video_codec"),
        pixel_format=_text(document, "pixel_format"),
    )
    return Film(step.digest, step.objects[FILM], step.objects[POSTER], step.objects[CAPTIONS], probe)


def _finding(value: Json) -> Finding:
    if not isinstance(value, dict):
        raise TypeError(f"A finding is an object, not {value!r}.")
    character = value.get("character_id")
    return Finding(
        verdict=Verdict(_text(value, "verdict")),
        character_id=CharacterId(UUID(character)) if isinstance(character, str) else None,
        score=_number(value.get("score")),
        threshold=_number(value.get("threshold")),
        score_median=_number(value.get("score_median")),
    )


def _text(document: Mapping[str, Json], key: str) -> str:
    value = document[key]
    if not isinstance(value, str):
        raise TypeError(f"'{key}' is a text, not {value!r}.")
    return value


def _many(document: Mapping[str, Json], key: str) -> list[Json]:
    value = document[key]
    if not isinstance(value, list):
        raise TypeError(f"'{key}' is a list, not {value!r}.")
    return value


def _whole(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"A whole number was expected, not {value!r}.")
    return value


def _number(value: Json) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"A number was expected, not {value!r}.")
    return float(value)
