"""The walk through the API in the documents, run as it stands there."""

import asyncio
import os
import re
import shutil
from pathlib import Path

import pytest

from adapters.video.probe import probe
from tests.stories.lab import FilmLab

pytestmark = pytest.mark.story

ROOT = Path(__file__).parents[2]
TOOLS = ("bash", "curl", "sha256sum", "python3")


@pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"the walk needs {', '.join(TOOLS)}")
async def test_the_first_film_of_the_documents_is_made_by_its_own_commands(lab: FilmLab, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "first-film.md").read_text(encoding="utf-8")
    commands = "\n".join(["set -eu", *re.findall(r"```sh\n(.*?)```", text, re.DOTALL)])
    environment = os.environ | {"LAB": f"{lab.url}/graphql", "FILM": str(tmp_path / "film.mp4")}
    async with lab.worker():
        walk = await asyncio.create_subprocess_exec(
            "bash", "-c", commands, cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
        )
        told, _ = await walk.communicate()
    assert walk.returncode == 0, told.decode()
    assert '"name":"RenderFinished"' in told.decode()
    film = probe(tmp_path / "film.mp4")
    assert (film.width, film.height, film.frames_per_second) == (640, 360, 24)
    assert film.frames > 72
