"""The commands of the documents that look after a lab: each does its work, and says by its exit code how that went."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from adapters.postgres.migrations import current_revision, newest_revision
from api.schema import export
from bootstrap.cli import app
from bootstrap.clock import new_id
from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack, free_port
from bootstrap.processes import has_ended, wait_until
from bootstrap.running import FILE
from domain.errors import LabError
from tests.bootstrap.test_guard import everything_of
from tests.bootstrap.test_operator_cli import Terminal, terminal
from tests.builders_accounts import signed_up
from tests.builders_jobs import Bench, job, worker

__all__ = ["terminal"]


@pytest.fixture
async def empty_lab(stack: EmbeddedStack) -> AsyncIterator[dict[str, str]]:
    """Settings of a lab whose bucket is empty, and whose database has never been migrated."""
    name = f"empty-{new_id().hex}"
    await stack.postgres.create_database(name)
    (stack.folder / "storage" / name).mkdir()
    roles = {"URL": "lab_app", "SYSTEM_URL": "lab_system", "OWNER_URL": "postgres"}
    urls = {f"LAB_DATABASE__{setting}": stack.postgres.url(role, name) for setting, role in roles.items()}
    yield stack.environment() | urls | {"LAB_STORAGE__BUCKET": name}
    await stack.postgres.drop_database(name)


def lab(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Give a command, which has an event loop of its own; answer its exit code and, in one line, what `main` prints."""
    result = CliRunner().invoke(app, arguments, env=environment)
    refusal = result.exception if isinstance(result.exception, LabError) else None
    told = " ".join(f"{result.stdout} {refusal or ''}".split())
    return (2 if refusal else result.exit_code), told


def test_a_database_is_migrated_once_and_the_doctor_sees_it(empty_lab: dict[str, str]) -> None:
    url = empty_lab["LAB_DATABASE__OWNER_URL"]

    status, told = lab(empty_lab, "doctor")
    assert (status, f"At revision None, the newest is {newest_revision()}." in told) == (1, True), told
    assert "Run `lab migrate` as the database's owner." in told

    for _ in range(2):
        assert lab(empty_lab, "migrate") == (0, "The database is at the newest schema.")
        assert asyncio.run(current_revision(url)) == newest_revision()

    status, told = lab(empty_lab, "doctor")
    assert (status, f"revision {newest_revision()}" in told) == (0, True), told


def test_a_doctor_whom_the_settings_hinder_still_tells_of_the_machine(empty_lab: dict[str, str]) -> None:
    status, told = lab(empty_lab | {"LAB_WRITER__KIND": "openai"}, "doctor")
    assert (status, "libx264" in told, "the writer `openai` needs" in told) == (2, True, True), told


def test_a_database_is_migrated_by_its_owner_alone(empty_lab: dict[str, str]) -> None:
    del empty_lab["LAB_DATABASE__OWNER_URL"]
    told = "LAB_DATABASE__OWNER_URL: migrations need the database's owner."
    assert lab(empty_lab, "migrate") == (2, told)


async def test_a_paused_queue_goes_on(terminal: Terminal, container: Container) -> None:
    bench = Bench(container)
    new = job(await bench.add_workspace())
    await terminal.lab("jobs", "pause", "cpu", "--reason", "A new driver.")
    await bench.enqueue(new)
    assert await bench.dispatch() == []
    assert await terminal.lab("jobs", "resume", "cpu", "--reason", "It is there.") == (0, "cpu goes on.\n")
    assert await bench.dispatch() == [new.id]


async def test_a_worker_is_drained_and_used_again(terminal: Terminal, container: Container) -> None:
    bench = Bench(container)
    await bench.claims.see(worker())
    claimed = await bench.start(job(await bench.add_workspace()))
    status, told = await terminal.lab("jobs", "workers", "--json")
    (seen,) = (each for each in json.loads(told) if each["id"] == "worker-1")
    assert (status, seen["state"], seen["queue"], seen["job_ids"]) == (0, "ready", "cpu", [str(claimed.id)])

    order = ("--reason", "A new driver.")
    assert await terminal.lab("jobs", "drain", "worker-1", *order) == (0, "worker-1 is draining.\n")
    status, told = await terminal.lab("jobs", "workers")
    (line,) = (each for each in told.splitlines() if str(claimed.id) in each)
    assert (status, line.split()[:3]) == (0, ["worker-1", "cpu", "draining"])

    assert await terminal.lab("jobs", "undrain", "worker-1", *order) == (0, "worker-1 is ready.\n")
    _, told = await terminal.lab("jobs", "workers", "--json")
    assert [each["state"] for each in json.loads(told) if each["id"] == "worker-1"] == ["ready"]
    assert (await terminal.lab("jobs", "drain", "nobody", *order))[0] == 2


async def test_who_is_no_operator_any_more_is_told_so_once(terminal: Terminal, container: Container) -> None:
    await signed_up(container, email="ada@example.org")
    await terminal.lab("operators", "grant", "ada@example.org")
    revoked = (0, "ada@example.org is an operator no more.\n")
    assert await terminal.lab("operators", "revoke", "ada@example.org") == revoked
    assert await terminal.lab("operators", "list") == (0, "")
    assert await terminal.lab("operators", "revoke", "ada@example.org") == (1, "They are no operator.\n")


def test_the_schema_is_written_where_it_is_wanted(tmp_path: Path) -> None:
    assert lab({}, "export-schema", "--out", str(tmp_path / "lab.graphql")) == (0, "")
    assert (tmp_path / "lab.graphql").read_text() == export()


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder outside pytest's, which PostgreSQL's own user may enter."""
    with TemporaryDirectory(prefix="lab-up-") as folder:
        yield Path(folder)


def press_control_c(up: subprocess.Popen[bytes]) -> None:
    """Send what a terminal sends: to the whole group."""
    os.killpg(up.pid, signal.SIGINT)


@pytest.mark.parametrize("stop", [press_control_c, subprocess.Popen[bytes].terminate], ids=["SIGINT", "SIGTERM"])
def test_a_lab_is_looked_at_while_it_is_up_and_leaves_nothing_running(
    folder: Path, stop: Callable[[subprocess.Popen[bytes]], None]
) -> None:
    command = [sys.executable, "-m", "bootstrap.cli", "up", "--folder", str(folder), "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as up:  # noqa: S603 - ours
        try:
            wait_until((folder / FILE).exists, "The lab", seconds=120)
            started = everything_of(folder)
            seen = [lab({}, *words, "--folder", str(folder)) for words in (("jobs", "queues"), ("migrate",))]
            stop(up)
            up.wait(60)
        finally:
            up.kill()
    assert [status for status, _ in seen] == [0, 0], seen
    assert up.returncode == 0
    assert len(started) == len(["valkey", "storage", "postgres", "api", "jobs", "worker", "guard"])
    assert all(map(has_ended, started))
    assert [*folder.glob("*.pid"), *folder.glob(FILE)] == []
