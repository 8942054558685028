"""Training steps a second, beside the loop that diffusers' example for LoRA teaches.

The example encodes pictures and captions at every step, and so does the loop here; its words are split into tokens
beforehand. Pictures, batch, rank, layers, optimiser and precision are the same on both sides; neither has prior
pictures or evaluations.
"""

from dataclasses import dataclass

import numpy as np
import torch
from diffusers import DDPMScheduler, StableDiffusionPipeline
from diffusers.optimization import get_scheduler
from peft import LoraConfig

from bench.gpu.models import Studio, reference, tensors
from bench.gpu.rounds import Row, Values, interleaved
from gpu_worker.training.adapter import LearnedAdapter
from gpu_worker.training.dataset import Sample
from gpu_worker.training.learners import load_learner
from gpu_worker.training.lora import Lesson, Plan, Subject
from gpu_worker.training.material import material_of
from gpu_worker.training.progress import Progress
from gpu_worker.training.unet_model import ATTENTION
from gpu_worker.watching import Onlooker

STEPS, BATCH, RANK, PICTURES = 20, 2, 8, 8
RATE, DECAY, NORM_MAX = 1e-4, 1e-2, 1.0
OURS, PLAIN = "ours", "plain loop"


def measure(studio: Studio, rounds: int) -> Values:
    """Steps a second, of learning alone."""
    ours, plain = OurLoop(studio), PlainLoop(studio)
    return interleaved([Row(OURS, ours.rate), Row(PLAIN, plain.rate)], rounds)


def samples(side: int) -> list[Sample]:
    return [
        Sample(reference(number).resize((side, side)), f"sks fox, on background {number}") for number in range(PICTURES)
    ]


class OurLoop:
    """A lesson a round, on one model."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._model = load_learner(studio.base)
        self._adapter = LearnedAdapter(self._model, rank=RANK, seed=1)
        material = material_of(self._model, samples(self._model.side), lambda: None)
        self._subject = Subject(material, None)

    def rate(self, number: int) -> float:
        plan = Plan(
            seed=number + 2,
            steps_max=STEPS,
            learning_rate=RATE,
            warmup_steps=0,
            batch=BATCH,
            prior_weight=0.0,
            weight_decay=DECAY,
            gradient_norm_max=NORM_MAX,
            evaluate_steps=STEPS,
            checkpoint_steps=STEPS + 1,
            patience=1,
        )
        lesson = Lesson(self._model, self._adapter, self._subject, plan, identity=lambda: None)
        return STEPS / self._learned(lesson)

    def _learned(self, lesson: Lesson) -> float:
        """Answer how long its steps took: from the end of the first evaluation to the begin of the last."""
        moments: list[float] = []
        watch = Onlooker(lambda _fraction: moments.append(self._studio.clock()))
        lesson.run(Progress(watch, STEPS), lambda _checkpoint: None)
        return (moments[-1] - moments[0]) * STEPS / (STEPS - 1)


@dataclass(frozen=True, slots=True)
class Example:
    """Pixels (1, 3, side, side) in -1..1 and the caption's tokens (1, tokens)."""

    pixels: torch.Tensor
    tokens: torch.Tensor


class PlainLoop:
    """The example's loop on one device."""

    def __init__(self, studio: Studio) -> None:
        pipeline = studio.plain()
        if not isinstance(pipeline, StableDiffusionPipeline):
            raise TypeError("The plain loop is written for stable_diffusion.")
        self._studio = studio
        self._vae, self._text_encoder, self._unet = pipeline.vae, pipeline.text_encoder, pipeline.unet
        for part in (self._vae, self._text_encoder, self._unet):
            part.requires_grad_(requires_grad=False)
        self._unet.add_adapter(
            LoraConfig(r=RANK, lora_alpha=RANK, init_lora_weights="gaussian", target_modules=list(ATTENTION))
        )
        self._learned = [each for each in self._unet.parameters() if each.requires_grad]
        for each in self._learned:
            each.data = each.data.float()
        noises = DDPMScheduler.from_config(pipeline.scheduler.config)
        if not isinstance(noises, DDPMScheduler):
            raise TypeError(f"diffusers answers {type(noises).__name__} for a scheduler.")
        self._noises = noises
        self._examples = [self._example(pipeline, sample) for sample in samples(self._side(pipeline))]
        is_half = studio.is_accelerated and studio.device.dtype is torch.float16
        self._scaler = torch.amp.GradScaler(studio.device.name, enabled=is_half)
        self._chance = torch.Generator().manual_seed(1)

    def rate(self, _number: int) -> float:
        optimiser = torch.optim.AdamW(self._learned, lr=RATE, weight_decay=DECAY)
        rates = get_scheduler("cosine", optimizer=optimiser, num_warmup_steps=0, num_training_steps=STEPS)
        self._unet.train()
        started = self._studio.clock()
        for _ in range(STEPS):
            self._scaler.scale(self._loss()).backward()
            self._scaler.unscale_(optimiser)
            torch.nn.utils.clip_grad_norm_(self._learned, NORM_MAX)
            self._scaler.step(optimiser)
            self._scaler.update()
            rates.step()
            optimiser.zero_grad()
        self._studio.settle()
        return STEPS / (self._studio.clock() - started)

    def _loss(self) -> torch.Tensor:
        device, dtype = self._studio.device.name, self._studio.device.dtype
        chosen = [self._examples[int(each)] for each in torch.randint(PICTURES, (BATCH,), generator=self._chance)]
        pixels = torch.cat([each.pixels for each in chosen]).to(device, dtype)
        tokens = torch.cat([each.tokens for each in chosen]).to(device)
        with torch.autocast(torch.device(device).type, dtype, enabled=self._studio.is_accelerated):
            latents = self._vae.encode(pixels).latent_dist.sample() * self._vae.config["scaling_factor"]
            noise = torch.randn_like(latents)
            moments = torch.randint(0, self._noises.config["num_train_timesteps"], (BATCH,), device=device)
            noisy = self._noises.add_noise(latents, noise, moments)  # pyright: ignore[reportArgumentType]
            words = self._text_encoder(tokens, return_dict=False)[0]
            guessed = self._unet(noisy, moments, words, return_dict=False)[0]
        return torch.nn.functional.mse_loss(guessed.float(), noise.float())

    def _side(self, pipeline: StableDiffusionPipeline) -> int:
        return int(pipeline.unet.config["sample_size"]) * int(pipeline.vae_scale_factor)

    def _example(self, pipeline: StableDiffusionPipeline, sample: Sample) -> Example:
        pixels = torch.from_numpy(np.array(sample.picture)).permute(2, 0, 1)[None].float() / 127.5 - 1
        told = tensors(padding="max_length", max_length=pipeline.tokenizer.model_max_length, return_tensors="pt")
        return Example(pixels, pipeline.tokenizer(sample.caption, truncation=True, **told).input_ids)
