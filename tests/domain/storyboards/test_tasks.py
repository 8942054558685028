"""The job that writes a storyboard."""

from dataclasses import replace
from uuid import UUID

import pytest

from domain.identifiers import JobId
from domain.storyboards.models import SCRIPT_CHARACTERS_MAX
from domain.storyboards.tasks import write_job
from tests.builders_storyboards import a_storyboard


@pytest.mark.parametrize(
    ("characters", "seconds"),
    [(1, 1800.0), (8000, 1800.0), (8001, 2400.0), (16_001, 3000.0), (SCRIPT_CHARACTERS_MAX, 16_200.0)],
)
def test_the_longer_the_script_the_later_the_deadline(characters: int, seconds: float) -> None:
    storyboard = replace(a_storyboard(), script="a" * characters)

    assert write_job(storyboard, job_id=JobId(UUID(int=1))).deadline_seconds == seconds
