"""`lab jobs` and `lab operators` on a lab's own database."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from bootstrap.cli import app
from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack
from domain.errors import LabError
from domain.jobs.models import JobState
from tests.builders_accounts import signed_up
from tests.builders_jobs import Bench, job


class Terminal:
    """Runs commands as an administrator of the machine does; what has a name is told as `main` tells it."""

    def __init__(self, stack: EmbeddedStack, container: Container) -> None:
        database = container.settings.database
        self._environment = dict(stack.environment()) | {
            "LAB_DATABASE__URL": database.url.get_secret_value(),
            "LAB_DATABASE__SYSTEM_URL": database.system_url.get_secret_value(),
            "COLUMNS": "250",
        }

    async def lab(self, *arguments: str) -> tuple[int, str]:
        # A command has an event loop of its own.
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments, env=self._environment)
        if isinstance(result.exception, LabError):
            return 2, f"{result.exception}\n"
        return result.exit_code, result.stdout


@pytest.fixture
def terminal(stack: EmbeddedStack, container: Container) -> Terminal:
    return Terminal(stack, container)


async def test_jobs_are_listed_for_machines_and_set_aside_with_a_note(terminal: Terminal, container: Container) -> None:
    bench = Bench(container)
    new = job(await bench.add_workspace())
    await bench.enqueue(new)
    status, told = await terminal.lab("jobs", "list", "--state", "queued", "--json")
    assert (status, [each["id"] for each in json.loads(told)]) == (0, [str(new.id)])
    status, told = await terminal.lab("jobs", "list")
    assert (status, f"{new.id}  {new.kind} " in told) == (0, True), "nothing is cut, however narrow the terminal"
    status, told = await terminal.lab("jobs", "set-aside", str(new.id), "--reason", "It is poison.")
    assert (status, told) == (0, f"{new.id} was queued and is set aside.\n")
    status, told = await terminal.lab("jobs", "show", str(new.id))
    assert (status, "It is poison." in told, "(command line)" in told) == (0, True, True)
    status, told = await terminal.lab("jobs", "retry", str(new.id), "--reason", "Try.")
    assert (status, told) == (2, "A job that is queued is not taken up again.\n")
    assert await bench.state(new.id) is JobState.QUEUED


async def test_an_operator_is_granted_once_to_whoever_has_signed_up(terminal: Terminal, container: Container) -> None:
    assert (await terminal.lab("operators", "grant", "ada@example.org"))[0] == 1
    await signed_up(container, email="ada@example.org")
    assert await terminal.lab("operators", "grant", "ada@example.org") == (0, "ada@example.org is an operator.\n")
    assert await terminal.lab("operators", "list") == (0, "ada@example.org\n")


async def test_a_queue_is_paused_with_a_reason(terminal: Terminal) -> None:
    status, told = await terminal.lab("jobs", "pause", "cpu", "--reason", " ")
    assert (status, told) == (2, "A reason of 1 to 500 characters is needed.\n")
    status, told = await terminal.lab("jobs", "pause", "cpu", "--reason", "A new driver.")
    assert (status, told) == (0, "cpu is paused; 0 that were dispatched are queued again.\n")
    status, told = await terminal.lab("jobs", "queues", "--json")
    assert (status, [each["is_paused"] for each in json.loads(told)]) == (0, [True, False, False])


async def test_a_requeue_of_nothing_says_so_by_its_exit_code(terminal: Terminal) -> None:
    status, told = await terminal.lab("jobs", "requeue", "--reason", "Try.")
    assert (status, told.splitlines()[0]) == (1, "0 are queued again, 0 were refused.")
