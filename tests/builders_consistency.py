"""Sightings of a character turned away from its references by known angles, and what is measured of them."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import numpy as np

from domain.characters.gate import ExpectedCharacter
from domain.characters.identity import EmbeddedFigures
from domain.identifiers import ShotId
from domain.renders.consistency import CharacterConsistency, ConsistencyReport, Portrait, Sighting, consistency_of
from domain.renders.consistency_ports import MeasuredFigure
from domain.renders.judgements import Verdict
from domain.renders.models import Render
from domain.renders.use_cases.reporting import ReportTools, make_report, record_report
from tests.builders_film_crew import Crew, put_bytes
from tests.builders_identity import as_png, at_degrees
from tests.builders_renders import HARE, NOW

SHOT_SECONDS = 2.0


def a_sighting(number: int, degrees: float | None) -> Sighting:
    """The hare in a shot, so many degrees from its references; not seen at None."""
    starts_at = SHOT_SECONDS * (number - 1)
    seen = Sighting(ShotId(UUID(int=number)), number, starts_at, starts_at + SHOT_SECONDS, Verdict.MATCH)
    if degrees is None:
        return Sighting(seen.shot_id, number, starts_at, seen.ends_at, Verdict.MISSING)
    return Sighting(seen.shot_id, number, starts_at, seen.ends_at, Verdict.MATCH, 5, at_degrees(degrees))


def consistency(degrees: Mapping[int, float | None], *, name: str = "Hare") -> CharacterConsistency:
    """The hare's figures by shot number."""
    portrait = Portrait(HARE, name, at_degrees(0), 0.8)
    return consistency_of(portrait, [a_sighting(number, each) for number, each in degrees.items()])


class ToldMeter:
    """A meter that finds everybody expected, turned by the angle that is told for each clip in turn."""

    def __init__(self, *degrees: float) -> None:
        self.degrees = list(degrees)

    async def measure_clip(
        self,
        *,
        clip_mp4: bytes,
        labels_png: bytes,
        sampled_frames: Sequence[int],
        expected: Sequence[ExpectedCharacter],
        embedded: EmbeddedFigures | None = None,
    ) -> Sequence[MeasuredFigure]:
        assert embedded is None, "the cast was frozen in the built-in space"
        assert (clip_mp4, labels_png, len(sampled_frames)) == (b"bytes", b"bytes", 5)
        turned = at_degrees(self.degrees.pop(0))
        size = len(expected[0].identity.centre)
        direction = (*turned, *(0.0,) * (size - 2))
        crop = as_png(np.zeros((160, 160, 3), np.uint8))
        return [MeasuredFigure(each.character_id, 5, direction, crop) for each in expected]


async def make(crew: Crew, render: Render, *degrees: float) -> ConsistencyReport | None:
    """Look at the film of a finished render, whose clips show the hare so many degrees from its references."""
    assert render.film is not None
    await put_bytes(crew, b"bytes")
    tools = ReportTools(ToldMeter(*degrees), crew.container.report_tools.painter, crew.container.store)
    return await make_report(crew.work, render_id=render.id, digest=render.film.digest, tools=tools, now=NOW)


async def record(crew: Crew, report: ConsistencyReport | None) -> bool:
    assert report is not None
    async with crew.work() as work:
        return await record_report(work, report=report, now=NOW)


async def report_on(crew: Crew, render: Render, *degrees: float) -> None:
    """Make and keep the report on a finished render."""
    assert await record(crew, await make(crew, render, *degrees))
