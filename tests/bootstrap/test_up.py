"""The whole lab on one machine goes by the operator's settings, and its database is started again."""

import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bootstrap.choosing import settings_in_use
from bootstrap.embedded import EmbeddedPostgres, EmbeddedStack
from bootstrap.given import given_settings, unused
from bootstrap.guard import postmaster_of
from bootstrap.processes import wait_until
from bootstrap.settings import SettingsInvalid
from bootstrap.sharing import LOCK, FileLock
from bootstrap.up import Lab, WatchedProcess

GIVEN = {
    "LAB_API__CORS_ORIGINS": '["https://studio.example.org"]',
    "LAB_RETENTION__JOBS_DAYS": "3",
    "LAB_STORAGE__BUCKET": "of-another-lab",
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder outside pytest's, which PostgreSQL's own user may enter."""
    with TemporaryDirectory(prefix="lab-up-") as folder:
        yield Path(folder)


def lab_on(stack: EmbeddedStack, folder: Path, given: dict[str, str], told: list[str]) -> Lab:
    """A lab whose servers run already and whose processes do not."""
    lock = FileLock(folder / LOCK)
    lab = Lab(folder, api_port=0, on_line=lambda name, line: told.append(f"{name}: {line}"), lock=lock, given=given)
    lab.stack = stack
    return lab


def kill_database(folder: Path) -> None:
    postmaster = postmaster_of(folder)
    assert postmaster is not None
    postmaster.send_signal(signal.SIGKILL)


def test_the_processes_of_a_lab_have_the_settings_that_were_given(stack: EmbeddedStack, tmp_path: Path) -> None:
    told: list[str] = []
    lab = lab_on(stack, tmp_path, GIVEN, told)

    lab.check_settings()

    assert lab.environment() == GIVEN | stack.environment()
    assert told == ["lab: set by the lab itself, whatever the environment says: LAB_STORAGE__BUCKET"]


def test_a_setting_that_will_not_do_is_told_of_before_a_process_starts(stack: EmbeddedStack, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="the writer `openai` needs"):
        lab_on(stack, tmp_path, {"LAB_WRITER__KIND": "openai"}, []).check_settings()


def test_all_servers_of_a_lab_are_watched(stack: EmbeddedStack, tmp_path: Path) -> None:
    assert lab_on(stack, tmp_path, {}, []).servers == (stack.postgres, stack.redis, stack.storage)


def test_a_database_that_was_killed_has_its_address_again(folder: Path) -> None:
    postgres, told = EmbeddedPostgres(folder), list[str]()
    watched = WatchedProcess(postgres, None)
    watched.start()
    first, address = postgres.pid, postgres.url("postgres")
    kill_database(folder)
    wait_until(lambda: not postgres.is_running, "Its end", seconds=10)

    watched.revive(lambda _name, line: told.append(line))

    assert told == ["ended; starting again in 0.2 s"]
    assert (postgres.is_running, postgres.url("postgres")) == (True, address)
    assert postgres.pid != first
    postgres.stop()
    assert not postgres.is_running


def test_commands_beside_no_lab_have_the_settings_that_it_would_start_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    lab = folder / "lab"
    lab.mkdir()
    (lab / "lab.toml").write_text("[retention]\nevents_days = 5\njobs_days = 7\n")
    with settings_in_use(lab) as settings:
        assert (settings.retention.events_days, settings.retention.jobs_days) == (5, 3)
        assert (settings.api.cors_origins, settings.storage.bucket) == (("https://studio.example.org",), "lab")


def test_of_what_begins_with_lab_settings_of_the_lab_alone_are_given() -> None:
    own = {"LAB_WRITER__KIND": "openai", "LAB_LOG_FORMAT": "json", "LAB_CONFIG": "lab.toml"}
    others = {"LAB_WORKER_ENGINES": "[]", "LAB_DIFFUSION_STEPS": "4", "LAB_API_PORT": "1", "LAB_FAILPOINTS": "x"}
    assert given_settings({**own, **others, "PATH": "", "LAB_METRICS__TOKEN": ""}) == own
    assert unused(own, {**own, "LAB_CONFIG": ".lab/lab.toml"}) == ["LAB_CONFIG"]
