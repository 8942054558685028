"""Who is in a picture: found by tiny detectors, or taken to stand where it was ordered."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from contracts.commands import KeyframeMade
from gpu_worker.pipelines.diffusion.detector import drawn_apart, numbered, told_apart
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.family import CastInPicture
from gpu_worker.pipelines.diffusion.figures import OrderedFigures
from gpu_worker.tiny.detector import build_detector, build_segmenter
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings

LEFT, RIGHT = (CastInPicture(name, (), (left, 0.2, left + 0.4, 1.0), 0.5) for name, left in (("a", 0.0), ("b", 0.5)))


def test_without_a_detector_each_stands_where_it_was_ordered() -> None:
    labels = OrderedFigures().find(Image.new("RGB", (100, 50)), [LEFT, RIGHT])
    assert (labels[:10] == 0).all()
    assert (labels[30, 20], labels[30, 45], labels[30, 70]) == (1, 0, 2)


def test_the_cast_gets_the_nearest_figures_and_others_come_after() -> None:
    right, stranger, left = (60.0, 10.0, 80.0, 50.0), (90.0, 0.0, 99.0, 9.0), (10.0, 10.0, 30.0, 50.0)
    assert numbered([right, stranger, left], [LEFT, RIGHT], (100, 50)) == [2, 3, 1]
    assert numbered([right], [LEFT, RIGHT], (100, 50)) == [2]


def test_boxes_of_one_figure_are_one() -> None:
    box, nearly, other = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 9.0), (20.0, 0.0, 30.0, 10.0)
    assert told_apart([box, nearly, other]) == [box, other]


@pytest.mark.parametrize("has_segmenter", [False, True])
def test_a_detector_labels_figures_of_a_made_picture(
    settings_of: MakeSettings, tmp_path: Path, *, has_segmenter: bool
) -> None:
    detector = build_detector(tmp_path / "detector")
    segmenter = build_segmenter(tmp_path / "segmenter") if has_segmenter else ""
    # Random weights are sure of nothing in particular: every box counts.
    settings = settings_of(detector_weights=str(detector), segmenter_weights=str(segmenter), detector_threshold=0.0)
    command = keyframe_of(plan_of(NAMES[0]), engine="diffusion", width=96, height=64)
    made = DiffusionEngine(settings).run(command, inputs_of(command.shot), tmp_path, Onlooker())
    assert isinstance(made, KeyframeMade)
    assert made.notes["finder"] == ("detector_and_segmenter" if has_segmenter else "detector")
    with Image.open(tmp_path / "figures.png") as labels:
        assert labels.size == (96, 64)
        assert made.figures == len(set(np.unique(np.asarray(labels)).tolist()) - {0})


def test_outlines_of_one_figure_are_one_and_of_two_are_two() -> None:
    body, head, child, nobody = (np.zeros((40, 40), bool) for _ in range(4))
    body[10:40, 10:30] = True
    head[10:18, 12:28] = True
    child[25:40, 26:36] = True
    body &= ~child
    group = body | child
    assert drawn_apart([body, head, child, nobody]) == [0, 2]
    assert drawn_apart([body, child, group]) == [0, 1]
