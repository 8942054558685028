"""Keyframes made in one go: each is the picture that it would be alone, and says how it came about."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from contracts.commands import KeyframeMade, MakeKeyframe, Result
from gpu_worker.pipelines.diffusion.engine import DiffusionEngine
from gpu_worker.pipelines.diffusion.memory import Ladder, Rung
from gpu_worker.pipelines.engine import Assignment, Batching
from gpu_worker.watching import Onlooker
from tests.builders_pictures import NAMES, inputs_of, keyframe_of, plan_of
from tests.gpu_worker.diffusion.conftest import MakeSettings

SIZE = {"engine": "diffusion", "width": 96, "height": 64}
FOX, PAIR, NOBODY = (
    keyframe_of(plan_of(*cast), seed=seed, **SIZE) for seed, cast in enumerate([NAMES[:1], NAMES[:2], ()])
)


def run_many(
    engine: DiffusionEngine, commands: Sequence[MakeKeyframe], folder: Path, watches: Sequence[Onlooker] = ()
) -> Sequence[Result | ValueError]:
    assignments: list[Assignment] = []
    for number, command in enumerate(commands):
        (outputs := folder / str(number)).mkdir(parents=True)
        watch = watches[number] if watches else Onlooker()
        assignments.append(Assignment(command, inputs_of(command.shot), outputs, watch))
    return engine.run_many(assignments)


def notes(made: Sequence[Result | ValueError], name: str) -> list[str | int | float]:
    return [each.notes[name] for each in made if isinstance(each, KeyframeMade)]


def picture(folder: Path, number: int) -> NDArray[np.int16]:
    with Image.open(folder / str(number) / "keyframe.png") as made:
        return np.asarray(made, np.int16)


def test_a_keyframe_of_a_batch_is_the_one_that_its_seed_makes_alone(engine: DiffusionEngine, tmp_path: Path) -> None:
    commands = (FOX, PAIR, NOBODY)
    together = run_many(engine, commands, tmp_path / "together")
    alone = [run_many(engine, [each], tmp_path / f"alone {number}") for number, each in enumerate(commands)]
    assert (notes(together, "batch"), [notes(each, "batch") for each in alone]) == ([3] * 3, [[1]] * 3)
    for number in range(3):
        there, here = picture(tmp_path / "together", number), picture(tmp_path / f"alone {number}", 0)
        assert np.abs(there - here).max() <= 1, "a batch's kernels may round a colour the other way"
    assert notes(together, "seed") == [0, 1, 2]


def test_each_of_a_batch_is_told_its_own_progress_and_shown_its_own_preview(
    engine: DiffusionEngine, tmp_path: Path
) -> None:
    told: dict[int, list[float]] = {0: [], 1: []}
    watches = [Onlooker(told[number].append) for number in told]
    run_many(engine, [FOX, NOBODY], tmp_path, watches)
    assert told == {0: [0.0, 0.25, 0.5, 0.75, 1.0], 1: [0.0, 0.25, 0.5, 0.75, 1.0]}
    assert [len(each.previews) for each in watches] == [2, 2]
    assert watches[0].previews[0] != watches[1].previews[0]


def test_only_pictures_of_one_size_are_made_in_one_go(engine: DiffusionEngine, tmp_path: Path) -> None:
    tall = keyframe_of(plan_of(), engine="diffusion", width=64, height=96)
    steps = engine.usage.denoising_steps
    assert notes(run_many(engine, [FOX, tall, NOBODY], tmp_path), "batch") == [2, 1, 2]
    assert engine.usage.denoising_steps - steps == 9, "a step counts for each of its pictures"


def test_one_that_cannot_be_made_leaves_the_others_alone(engine: DiffusionEngine, tmp_path: Path) -> None:
    missing = Assignment(FOX, {}, tmp_path, Onlooker())
    refused, made = engine.run_many([missing, Assignment(NOBODY, {}, tmp_path, Onlooker())])
    assert isinstance(refused, ValueError)
    assert isinstance(made, KeyframeMade)
    assert made.notes["batch"] == 1


class Room:
    """Memory for so many pictures at once."""

    def __init__(self, pictures: int) -> None:
        self._pictures = pictures
        self.tried: list[Rung] = []

    def __call__(self, rung: Rung) -> None:
        self.tried.append(rung)
        if rung.together(4) > self._pictures:
            raise torch.OutOfMemoryError("CUDA out of memory (simulated).")


def test_where_memory_does_not_suffice_a_batch_is_halved_first(settings_of: MakeSettings, tmp_path: Path) -> None:
    room = Room(2)
    engine = DiffusionEngine(settings_of(image_prompt_weights=""), ladder=Ladder(guard=room))
    made = run_many(engine, [NOBODY.model_copy(update={"seed": seed}) for seed in range(4)], tmp_path)
    assert room.tried == [Rung.PLAIN, Rung.SLICED, Rung.HALVED]
    assert (notes(made, "rung"), notes(made, "batch")) == (["halved"] * 4, [2] * 4)


def test_the_engine_makes_batches_where_its_device_gains_by_them(engine: DiffusionEngine) -> None:
    assert isinstance(engine, Batching)
    assert (engine.batch.usual, engine.batch.most) == (1, 4)
