"""Carries out `TrainAdapter`: pictures in, an adapter with its scores, curves and samples out."""

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

import torch

from contracts.commands import AdapterTrained, OutputName, SuiteScores, TrainAdapter
from contracts.protocol import CHECKPOINT
from gpu_worker.embedding.families import load_model
from gpu_worker.pipelines.diffusion.meter import StepMeter
from gpu_worker.pipelines.engine import Watch
from gpu_worker.training.adapter import LearnedAdapter, base_of, fits, with_present, without_adapter
from gpu_worker.training.checkpoints import Checkpoint, Training, load_checkpoint, save_checkpoint
from gpu_worker.training.dataset import on_white, read_cut_outs, samples_of
from gpu_worker.training.learners import load_learner
from gpu_worker.training.lora import Lesson, Plan, Subject
from gpu_worker.training.material import Material, material_of
from gpu_worker.training.model import Base, Easel, render
from gpu_worker.training.plot import curves_picture
from gpu_worker.training.prior import ClassPictures
from gpu_worker.training.progress import Progress
from gpu_worker.training.scoring import ClipReader
from gpu_worker.training.settings import SCORER_SETTING, TrainingSettings
from gpu_worker.training.suite import Exam, Judges, Suite, contact_sheet, orders_of
from gpu_worker.weights.errors import WeightsMissing
from gpu_worker.weights.source import FoundWeights, WeightsFinder

LIBRARIES = ("torch", "diffusers", "transformers", "peft")


class Trainer:
    """Teaches one model, one character at a time."""

    def __init__(
        self,
        base: Base,
        settings: TrainingSettings | None = None,
        *,
        engine_version: str,
        meter: StepMeter | None = None,
    ) -> None:
        """Find the judges' weights if they are set; raises WeightsRefused naming the setting to mend.

        `meter` is told of the steps learned.
        """
        self._base = base
        self._meter = meter or StepMeter()
        self._settings = settings = settings or TrainingSettings()
        self._engine_version = engine_version
        finder = WeightsFinder(settings.cache_folder)
        self._scorer = finder.find(settings.scorer) if settings.scorer else None
        self._identity = finder.find(settings.identity) if settings.identity else None

    def run(self, command: TrainAdapter, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> AdapterTrained:
        """Learn and write the outputs, going on from the input `checkpoint` if it is of this very training.

        Raises ValueError with a sentence where the pictures or the model cannot be used, WeightsMissing without a
        scorer; what `watch` raises flies, at the latest after one step. What was loaded is let go in any case.
        """
        if self._scorer is None:
            raise WeightsMissing(SCORER_SETTING, "no weights are set; without them no adapter can be judged.")
        try:
            course = Course(self._base, self._settings, self._judges(self._scorer), command, inputs)
            return course.run(outputs, watch, engine_version=self._engine_version, meter=self._meter)
        finally:
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()

    def _judges(self, scorer: FoundWeights) -> Judges:
        family, device = self._settings.identity_family, self._base.device.name
        reader, name = ClipReader(scorer.path, device), f"clip {scorer.digest[:16]}"
        if self._identity is None:
            return Judges(reader, reader, identity_by=name, prompt_by=name)
        eye = load_model(family, self._identity.path, device)
        return Judges(eye, reader, identity_by=f"{family} {self._identity.digest[:16]}", prompt_by=name)


@dataclass(frozen=True, slots=True)
class Showing:
    """What the suite's makers made, and how it was scored."""

    scores: SuiteScores
    base: SuiteScores
    present: SuiteScores | None


class Course:
    """One command being carried out: owns its loaded model."""

    def __init__(
        self,
        base: Base,
        settings: TrainingSettings,
        judges: Judges,
        command: TrainAdapter,
        inputs: Mapping[str, Path],
    ) -> None:
        self._settings = settings
        self._judges = judges
        self._command = command
        self._inputs = inputs
        self._cut_outs = read_cut_outs(command.pictures, inputs)
        held_out = read_cut_outs(command.held_out, inputs)
        # With nothing held out the suite can only be compared with what was learned from; the notes say so.
        self._references = judges.identity.embed([on_white(each) for each in held_out or self._cut_outs])
        self._exam = Exam(command, judges, self._references if held_out else None)
        self._model = load_learner(base)
        side = settings.side or self._model.side
        own = self._model.recipe
        self._easel = Easel(
            side, settings.render_steps or own.steps, settings.guidance or own.guidance, settings.render_batch
        )
        self._plan = plan_of(command, settings)

    def run(self, outputs: Path, watch: Watch, *, engine_version: str, meter: StepMeter) -> AdapterTrained:
        command = self._command
        progress = Progress(watch, self._steps_total())
        subject = self._subject(progress)
        adapter = LearnedAdapter(self._model, rank=command.rank, seed=command.seed)
        examine = partial(self._exam.score, self._model, self._easel, watch, progress.step)
        lesson = Lesson(self._model, adapter, subject, self._plan, identity=examine)
        try:
            resumed_at = self._learn(lesson, progress, outputs, watch)
        finally:
            meter.add(lesson.steps_learned, lesson.seconds_learned)
        steps_per_second = lesson.steps_learned / max(1e-9, lesson.seconds_learned)
        adapter.save(outputs / OutputName.ADAPTER, trigger=command.trigger)
        title = f"{command.trigger}, {len(self._cut_outs)} pictures, rank {command.rank}"
        curves_picture(lesson.curve, best_step=lesson.best_step, title=title).save(outputs / OutputName.CURVES)
        shown = self._show(outputs, progress)
        return AdapterTrained(
            steps=lesson.step,
            is_stopped_early=lesson.step < command.steps_max,
            curve=lesson.curve,
            scores=shown.scores,
            present_scores=shown.present,
            base=self._model.base.digest,
            engine_version=engine_version,
            notes=self._notes()
            | ({} if lesson.diverged_at is None else {"diverged_at": lesson.diverged_at})
            | {
                "best_step": lesson.best_step,
                "resumed_at": resumed_at,
                "steps_per_second": round(steps_per_second, 3),
                "base_identity": shown.base.identity,
                "base_prompt": shown.base.prompt,
            },
        )

    def _learn(self, lesson: Lesson, progress: Progress, outputs: Path, watch: Watch) -> int:
        """Have the lesson done; answer the step from which it went on, 0 if it began anew."""
        base = self._model.base.digest
        manner = (str(self._model.dtype), self._judges.identity_by, self._judges.prompt_by)
        training = Training.of(base, self._command, self._inputs, self._settings, manner=manner)
        kept = load_checkpoint(self._inputs.get(CHECKPOINT), training)
        if kept is not None:
            lesson.resume(kept)
            progress.skip(kept.step)

        def keep(checkpoint: Checkpoint) -> None:
            # In a folder of its own: what lies beside the outputs would be taken for one.
            path = outputs / "checkpoints" / f"checkpoint-{checkpoint.step:06}.safetensors"
            save_checkpoint(path, checkpoint, training)
            watch.saved(path)

        lesson.run(progress, keep)
        progress.skip(self._command.steps_max - lesson.step)
        return kept.step if kept is not None else 0

    def _subject(self, progress: Progress) -> Subject:
        settings, command = self._settings, self._command
        samples = samples_of(command, self._cut_outs, side=self._easel.side, variants=settings.variants)
        return Subject(material_of(self._model, samples, progress.step), self._prior(progress))

    def _prior(self, progress: Progress) -> Material | None:
        settings, count = self._settings, self._settings.class_pictures
        if not count or not settings.prior_weight:
            return None
        kept = ClassPictures(settings.cache_folder / "classes", sets_max=settings.class_sets_max)
        samples = kept.get(self._model, self._command.class_words, count, self._easel, progress.step)
        return material_of(self._model, samples, progress.step)

    def _show(self, outputs: Path, progress: Progress) -> Showing:
        """Have the suite made by the new adapter, the present one and none; write the contact sheet."""
        command, present = self._command, self._command.present
        draw = partial(render, self._model, easel=self._easel, on_step=progress.step)
        made = draw(orders_of(command, command.trigger))
        columns = [("new", made)]
        if present is not None and fits(self._model, self._inputs[present.weights]):
            with with_present(self._model, self._inputs[present.weights], present.scale):
                columns.append(("present", draw(orders_of(command, present.trigger))))
        with without_adapter(self._model):
            columns.append(("base", draw(orders_of(command, command.trigger))))
        contact_sheet(columns).save(outputs / OutputName.SAMPLES)
        pictures = dict(columns)
        suite = Suite(command, self._judges, self._references, pictures["base"])
        return Showing(
            scores=suite.scores(made),
            base=suite.scores(pictures["base"]),
            present=suite.scores(pictures["present"]) if "present" in pictures else None,
        )

    def _steps_total(self) -> int:
        command, settings, easel = self._command, self._settings, self._easel
        encoded = len(self._cut_outs) * settings.variants + settings.class_pictures
        evaluations = 1 + -(-command.steps_max // self._plan.evaluate_steps)
        exams = evaluations * easel.steps_for(len(self._exam.orders)) if command.held_out else 0
        suites = (3 if command.present else 2) * easel.steps_for(len(command.suite))
        return encoded + easel.steps_for(settings.class_pictures) + command.steps_max + exams + suites

    def _notes(self) -> dict[str, str | int | float]:
        command, device = self._command, self._model.base.device
        present = command.present and base_of(self._inputs[command.present.weights])
        return {
            "seed": command.seed,
            "rank": command.rank,
            "pictures": len(command.pictures),
            "held_out": len(command.held_out),
            "references": "held out" if command.held_out else "the training pictures",
            "present_base": present or "",
            "side": self._easel.side,
            "device": device.name,
            "dtype": str(self._model.dtype).removeprefix("torch."),
            "identity_by": self._judges.identity_by,
            "prompt_by": self._judges.prompt_by,
            "libraries": ", ".join(f"{name} {version(name)}" for name in LIBRARIES),
        }


def plan_of(command: TrainAdapter, settings: TrainingSettings) -> Plan:
    return Plan(
        seed=command.seed,
        steps_max=command.steps_max,
        learning_rate=command.learning_rate,
        warmup_steps=round(command.steps_max * settings.warmup_share),
        batch=settings.batch,
        prior_weight=settings.prior_weight,
        weight_decay=settings.weight_decay,
        gradient_norm_max=settings.gradient_norm_max,
        evaluate_steps=-(-command.steps_max // settings.evaluations),
        checkpoint_steps=command.checkpoint_steps,
        patience=settings.patience,
    )
