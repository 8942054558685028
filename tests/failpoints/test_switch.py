"""Failpoints are inert unless a lab on one machine asks for them, and every one of them stands somewhere."""

from pathlib import Path

import pytest

import failpoints
from failpoints.points import Commit, Point
from failpoints.switch import Refused, decide, reach_nothing, reach_nothing_now

ROOT = Path(__file__).parents[2]
PLACED = ("adapters", "jobs", "gpu_worker")


def test_without_the_variable_a_point_is_a_function_that_does_nothing() -> None:
    assert decide({}) == (reach_nothing, reach_nothing_now)
    assert not failpoints.is_on
    assert failpoints.reach is reach_nothing


@pytest.mark.parametrize("mode", [{}, {"LAB_MODE": "production"}])
def test_production_refuses_failpoints(tmp_path: Path, mode: dict[str, str]) -> None:
    with pytest.raises(Refused):
        decide({"LAB_FAILPOINTS": str(tmp_path), **mode})


def test_a_folder_that_others_may_write_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Refused):
        decide({"LAB_FAILPOINTS": str(tmp_path), "LAB_MODE": "embedded"})


def test_every_point_stands_in_the_product() -> None:
    text = "".join(path.read_text() for package in PLACED for path in (ROOT / package).rglob("*.py"))
    committed = {point for commit in Commit for point in (commit.before, commit.after)}
    assert [point for point in Point if point not in committed and f"Point.{point.name}" not in text] == []
    assert [commit for commit in Commit if f"Commit.{commit.name}" not in text] == []
