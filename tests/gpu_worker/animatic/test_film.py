"""Who is moved by whose lines."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from cv2.typing import MatLike

from contracts.commands import Caption, ShotPlan
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, animation_of, inputs_of, plan_of

PAIR = NAMES[:2]


def talk() -> ShotPlan:
    """A shot in which both of two say something."""
    plan = plan_of(*PAIR)
    both = [member.model_copy(update={"is_speaking": True}) for member in plan.cast]
    return plan.model_copy(update={"cast": both})


def figures_in(folder: Path, *captions: Caption) -> MatLike:
    """The label maps of a clip of one second."""
    told = [caption.model_dump() for caption in captions]
    command = animation_of(talk(), frames=24, captions=told, are_captions_burnt_in=False)
    AnimaticEngine().run(command, inputs_of(command.shot), folder, Onlooker())
    labels = cv2.imread(str(folder / "figures.png"), cv2.IMREAD_UNCHANGED)
    assert labels is not None
    return labels


@pytest.mark.parametrize(("speaker", "moved"), [(PAIR[0], [1]), (PAIR[1].upper(), [2]), ("Somebody", [1, 2])])
def test_a_line_moves_whom_it_names_and_all_where_it_names_nobody(
    tmp_path: Path, speaker: str, moved: list[int]
) -> None:
    silent = figures_in(tmp_path)
    spoken = figures_in(tmp_path, Caption(text="So it is.", speaker=speaker, start=0, end=1))
    assert [number for number in (1, 2) if not np.array_equal(silent == number, spoken == number)] == moved
