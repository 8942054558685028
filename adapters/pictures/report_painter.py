"""The domain's painter of reports, off the event loop."""

import asyncio
from collections.abc import Sequence

from adapters.pictures.report_plot import paint_plot
from adapters.pictures.report_sheet import paint_sheet
from domain.renders.consistency import CharacterConsistency
from domain.renders.consistency_ports import SheetRow


class OpenCVReportPainter:
    """Draws in a thread, each picture with a font of its own."""

    async def paint_sheet(self, title: str, rows: Sequence[SheetRow]) -> bytes:
        return await asyncio.to_thread(paint_sheet, title, rows)

    async def paint_plot(self, title: str, characters: Sequence[CharacterConsistency]) -> bytes:
        return await asyncio.to_thread(paint_plot, title, characters)
