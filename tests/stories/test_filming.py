"""The command `lab film`, given twice with the same pictures and script, in one lab."""

import asyncio
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.video.probe import probe
from bootstrap.account import KeptAccount, enter
from bootstrap.running import announced
from client.archive import is_written_from
from client.documents import CHARACTERS, STORYBOARDS
from client.studio import FilmOrder, Refused, Studio
from client.transport import LabTransport
from tests.stories.lab import FilmLab

pytestmark = pytest.mark.story

FILES = ("script.txt", "Anna", "--folder", ".", "--out", "film.mp4")
LOOK = ("--title", "Rivers", "--style", "ink", "--detail", "P360", "--aspect", "1:1")
OPTIONS = (*FILES, *LOOK, "--seconds", "6", "--language", "en", "--seed", "7")


async def film(lab: FilmLab, folder: Path) -> str:
    """Give the command beside the lab; answer what it says."""
    command = [sys.executable, "-m", "bootstrap.cli", "film", *OPTIONS]
    with announced(folder, api_url=lab.url, environment={}):
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_a_second_film_of_the_same_takes_over_what_is_there(lab: FilmLab, data: Path, tmp_path: Path) -> None:
    (tmp_path / "script.txt").write_text("Anna walks through the forest.\n\nAnna waits at the river.")
    shutil.copytree(data / "cast" / "adventurer-000", tmp_path / "Anna")

    async with lab.worker():
        first, second = await film(lab, tmp_path), await film(lab, tmp_path)

    account = KeptAccount.kept_in(tmp_path)
    async with LabTransport(lab.url) as transport:
        await Studio(transport).sign_in(email=account.email, password=account.password)
        characters = (await transport.execute(CHARACTERS))["characters"]["nodes"]
        renders = (await transport.execute("{ renders { nodes { seed } } }"))["renders"]["nodes"]
        storyboards = (await transport.execute(STORYBOARDS))["storyboards"]["nodes"]
    assert [each["name"] for each in characters] == ["Anna"]
    assert [each["title"] for each in storyboards] == ["Rivers"]
    assert [each["seed"] for each in renders] == ["7", "7"]
    assert account.email in first
    assert "Quote:      2 of 2 shots to film" in first
    assert "Quote:      0 of 2 shots to film" in second
    assert "with 0 of 2 shots filmed anew" in second
    probed = probe(tmp_path / "film.mp4")
    assert (probed.width, probed.height) == (360, 360)


async def test_a_changed_password_is_told_with_the_file_that_holds_the_old_one(lab: FilmLab, tmp_path: Path) -> None:
    account = KeptAccount.kept_in(tmp_path)
    async with LabTransport(lab.url) as transport:
        await enter(Studio(transport), account)
        await enter(Studio(transport), account)

        with pytest.raises(Refused, match=r"account\.json: mend the file, or delete it"):
            await enter(Studio(transport), replace(account, password="another long password"))


ORDER = FilmOrder(title="Rivers", script="Anna waits.", cast=())
WRITTEN = {"script": "Anna waits.", "style": "", "secondsTarget": None, "language": "en", "cast": [{"id": "anna"}]}


@pytest.mark.parametrize(
    ("order", "is_same"),
    [
        (ORDER, True),
        (replace(ORDER, language="en"), True),
        (replace(ORDER, language="fr"), False),
        (replace(ORDER, script="Anna waited."), False),
        (replace(ORDER, style="ink"), False),
        (replace(ORDER, seconds=6), False),
    ],
)
def test_only_a_storyboard_of_the_same_order_is_taken_over(order: FilmOrder, *, is_same: bool) -> None:
    assert is_written_from(WRITTEN, order, ["anna"]) is is_same
    assert not is_written_from(WRITTEN, order, ["ben"])
