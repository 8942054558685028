"""The contact sheet of a report: one row a character, one column a shot, in blocks as wide as a page."""

from collections.abc import Sequence

from adapters.pictures.canvas import GREY, INK, Canvas, Colour
from domain.renders.consistency_ports import SheetCell, SheetRow
from domain.renders.judgements import Verdict

SHOTS_ACROSS, COLUMNS_MIN = 10, 4
# A sheet is bounded: of a longer film it shows an even choice of shots, of a larger cast those seen most.
SHOTS_MAX, ROWS_MAX = 60, 24
MARGIN, NAME_WIDTH, CELL_WIDTH, CELL_HEIGHT, CROP = 16, 150, 128, 172, 116
TITLE_HEIGHT, HEAD_HEIGHT = 48, 28

COLOURS: dict[Verdict, Colour] = {
    Verdict.MATCH: (80, 140, 40),
    Verdict.COPY: (160, 110, 20),
    Verdict.WRONG: (40, 40, 200),
    Verdict.MISSING: (40, 40, 200),
    Verdict.EXTRA: (30, 120, 220),
    Verdict.UNCHECKED: GREY,
}


def paint_sheet(title: str, rows: Sequence[SheetRow]) -> bytes:
    """Answer the sheet as PNG."""
    shown = sorted(rows, key=lambda row: -len(row.cells))[:ROWS_MAX]
    numbers = sorted({cell.shot_number for row in shown for cell in row.cells})
    chosen = even_choice(numbers, SHOTS_MAX)
    blocks = [chosen[start : start + SHOTS_ACROSS] for start in range(0, len(chosen), SHOTS_ACROSS)]
    parts = [[(row, cells) for row in shown if (cells := _cells_of(row, block))] for block in blocks]
    height = TITLE_HEIGHT + sum(HEAD_HEIGHT + CELL_HEIGHT * len(part) for part in parts) + MARGIN
    columns = max(COLUMNS_MIN, *map(len, blocks)) if blocks else COLUMNS_MIN
    canvas = Canvas(2 * MARGIN + NAME_WIDTH + columns * CELL_WIDTH, height)
    left_out = "" if len(chosen) == len(numbers) else f", {len(chosen)} of {len(numbers)} shots"
    width = canvas.pixels.shape[1] - 2 * MARGIN
    canvas.write_within(f"{title}: likeness to the references{left_out}", (MARGIN, 32), width=width, height=20)
    top = TITLE_HEIGHT
    for block, part in zip(blocks, parts, strict=True):
        top = _paint_block(canvas, block, part, top)
    return canvas.png()


def even_choice(numbers: Sequence[int], most: int) -> Sequence[int]:
    """All of the numbers, or so many spread evenly over them, the first and the last among them."""
    if len(numbers) <= most:
        return numbers
    return [numbers[round(at * (len(numbers) - 1) / (most - 1))] for at in range(most)]


def _cells_of(row: SheetRow, block: Sequence[int]) -> Sequence[tuple[int, SheetCell]]:
    cells = {cell.shot_number: cell for cell in row.cells}
    return [(column, cells[number]) for column, number in enumerate(block) if number in cells]


def _paint_block(
    canvas: Canvas,
    block: Sequence[int],
    part: Sequence[tuple[SheetRow, Sequence[tuple[int, SheetCell]]]],
    top: int,
) -> int:
    left = MARGIN + NAME_WIDTH
    for column, number in enumerate(block):
        canvas.write(f"shot {number}", (left + column * CELL_WIDTH, top + 20), height=13, colour=GREY)
    top += HEAD_HEIGHT
    for row, cells in part:
        canvas.write_within(row.name, (MARGIN, top + CROP // 2), width=NAME_WIDTH - 12, height=17)
        for column, cell in cells:
            _paint_cell(canvas, cell, left + column * CELL_WIDTH, top)
        top += CELL_HEIGHT
    return top


def _paint_cell(canvas: Canvas, cell: SheetCell, left: int, top: int) -> None:
    colour = COLOURS[cell.verdict]
    if cell.crop_png is not None:
        canvas.paste(cell.crop_png, (left, top), CROP)
    canvas.box((left, top), (CROP, CROP), colour, thickness=2)
    score = "not seen" if cell.score is None else f"{cell.score:.3f}"
    canvas.write(score, (left, top + CROP + 19), height=16, colour=INK)
    canvas.write(cell.verdict.value, (left, top + CROP + 37), height=14, colour=colour)
