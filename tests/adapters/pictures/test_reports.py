"""Sheets and plots: bounded, and for every cast."""

import cv2
import numpy as np
import pytest

from adapters.pictures.report_painter import OpenCVReportPainter
from adapters.pictures.report_plot import floor_of
from adapters.pictures.report_sheet import SHOTS_MAX, even_choice
from domain.renders.consistency_ports import SheetCell, SheetRow
from domain.renders.judgements import Verdict
from tests.builders_consistency import consistency


def size_of(png: bytes) -> tuple[int, int]:
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.shape[1], picture.shape[0]


def a_row(name: str, shots: int) -> SheetRow:
    return SheetRow(name, [SheetCell(number, Verdict.MISSING, None, None) for number in range(1, shots + 1)])


async def test_a_sheet_grows_by_blocks_of_ten_shots_and_a_row_a_character() -> None:
    painter = OpenCVReportPainter()
    sizes = [
        size_of(await painter.paint_sheet("Film", rows))
        for rows in ([a_row("愚公", 10)], [a_row("愚公", 11)], [a_row("愚公", 10), a_row("Hare", 10)])
    ]
    assert {width for width, _ in sizes} == {1462}
    assert [height for _, height in sizes] == [264, 464, 436]


async def test_a_long_film_is_shown_by_an_even_choice_of_its_shots() -> None:
    chosen = even_choice(range(1, 1001), SHOTS_MAX)
    assert (len(chosen), len(set(chosen)), chosen[0], chosen[-1]) == (60, 60, 1, 1000)
    assert size_of(await OpenCVReportPainter().paint_sheet("Film", [a_row("Hare", 1000)]))[1] == 1264


@pytest.mark.parametrize("cast", [0, 1, 30])
async def test_a_plot_is_drawn_for_any_cast(cast: int) -> None:
    characters = [consistency({1: 0, 2: None, 4: 30, 9: 60}, name=f"Hare {number}") for number in range(cast)]
    width, height = size_of(await OpenCVReportPainter().paint_plot("Film", characters))
    assert width == 1280
    assert height < 900


def test_the_floor_of_a_plot_lies_below_all_that_is_drawn() -> None:
    assert floor_of([consistency({1: 0, 2: 60})]) == pytest.approx(0.4)
    assert floor_of([consistency({1: 180})]) == -1.0
