"""How a character's adapter is trained: which pictures teach, how long, and what the result is tried on.

The command's keys are those of `contracts.commands.TrainAdapter`, which the domain does not import; a test holds the
two together.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.characters.adapters import AdapterVersion, TrainingPlan
from domain.characters.appearance import Appearance
from domain.characters.errors import TooFewPictures
from domain.characters.models import CharacterImage
from domain.events import Json
from domain.identifiers import CharacterId, ImageId, ObjectId
from domain.jobs.models import JobInput

PICTURES_MIN, PICTURES_MAX = 5, 30
# One of five judges and does not teach; no more than five, since each is one that does not teach.
HELD_OUT_SHARE, HELD_OUT_MAX = 5, 5
STEPS_PER_PICTURE, STEPS_MIN, STEPS_MAX = 100, 600, 2400
LEARNING_RATE = 1e-4
# More pictures show more, and need more room to be kept apart; a small set learns itself by heart in a large one.
RANK_SMALL, RANK_LARGE, PICTURES_OF_LARGE = 8, 16, 12
CHECKPOINT_STEPS = 100
PRESENT_WEIGHTS = "present.safetensors"
JsonObject = dict[str, Json]

SUITE_ABOUT = (
    "portrait, looking at the camera, plain background",
    "full figure, standing in a meadow in bright daylight",
    "sitting at a wooden table indoors, warm lamplight",
    "walking through a snowy forest, seen from the side",
    "running along a beach at sunset",
    "in the rain at night, a city street with lights",
    "seen from behind, looking at mountains",
    "close-up of the face, laughing",
)
SUITE_OTHER = (
    "a lighthouse on a cliff above a stormy sea",
    "a bowl of fruit on a table, still life",
    "an empty street in an old town in the morning",
    "an old man with a grey beard reading a newspaper",
)


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The pictures that teach, and those that only judge; each by the canonical order of the character's pictures."""

    pictures: tuple[CharacterImage, ...]
    held_out: tuple[CharacterImage, ...]


@dataclass(frozen=True, slots=True)
class PresentAdapter:
    """The version in use, to be scored beside the new one."""

    weights_id: ObjectId
    trigger: str


def choose_pictures(images: Sequence[CharacterImage], *, in_use: TrainingPlan | None = None) -> TrainingSet:
    """Answer what teaches and what judges: those without faults first, the canonical one always among the teachers.

    What taught the version in use does not judge the next one beside it. Raises TooFewPictures where fewer than five
    can teach.
    """
    usable = [image for image in images if image.can_teach and image.copies is not None]
    if len(usable) < PICTURES_MIN:
        raise TooFewPictures(
            f"{len(usable)} pictures can be learned from; at least {PICTURES_MIN} are needed.", field="id"
        )
    usable.sort(key=lambda image: (_faults(image), image.position))
    chosen = sorted(usable[:PICTURES_MAX], key=lambda image: image.position)
    count = min(HELD_OUT_MAX, len(chosen) // HELD_OUT_SHARE)
    judges = _judges(chosen, count, in_use)
    return TrainingSet(
        pictures=tuple(image for image in chosen if image.id not in judges),
        held_out=tuple(image for image in chosen if image.id in judges),
    )


def _judges(chosen: Sequence[CharacterImage], count: int, in_use: TrainingPlan | None) -> set[ImageId]:
    """Those that judged the version in use, and one of five that are new; where that is nobody, any."""
    if in_use is None or not in_use.taught_by:
        return _spread(chosen, count)
    kept = [image.id for image in chosen[1:] if image.id in in_use.judged_by][:count]
    new = [image for image in chosen[1:] if image.id not in {*in_use.judged_by, *in_use.taught_by}]
    more = min(count - len(kept), len(new) // HELD_OUT_SHARE)
    return {*kept, *_spread(new, more)} or _spread(chosen, count)


def _spread(images: Sequence[CharacterImage], count: int) -> set[ImageId]:
    """So many of them, evenly, so that views which follow one another in an upload are among the others too."""
    return {images[(number + 1) * len(images) // count - 1].id for number in range(count)}


def plan_training(chosen: TrainingSet, *, character_id: CharacterId, number: int, engine: str) -> TrainingPlan:
    """Answer rank, steps and rate that fit so many pictures, and a seed of this version's own."""
    count = len(chosen.pictures)
    digest = hashlib.sha256(f"{character_id}:{number}".encode()).digest()
    return TrainingPlan(
        engine=engine,
        seed=int.from_bytes(digest[:8], "big") >> 1,
        rank=RANK_LARGE if count >= PICTURES_OF_LARGE else RANK_SMALL,
        steps_max=min(STEPS_MAX, max(STEPS_MIN, STEPS_PER_PICTURE * count)),
        learning_rate=LEARNING_RATE,
        checkpoint_steps=CHECKPOINT_STEPS,
        pictures=count,
        held_out=len(chosen.held_out),
        taught_by=tuple(image.id for image in chosen.pictures),
        judged_by=tuple(image.id for image in chosen.held_out),
    )


def training_command(
    adapter: AdapterVersion, chosen: TrainingSet, *, appearance: Appearance, present: PresentAdapter | None
) -> JsonObject:
    """The command `train_adapter` of this version."""
    plan = adapter.plan
    command: JsonObject = {
        "kind": "train_adapter",
        "version": 2,
        "engine": plan.engine,
        "seed": plan.seed,
        "trigger": adapter.trigger,
        "class_words": appearance.class_words,
        "pictures": [_picture(image, appearance) for image in chosen.pictures],
        "held_out": [_picture(image, appearance) for image in chosen.held_out],
        "steps_max": plan.steps_max,
        "rank": plan.rank,
        "learning_rate": plan.learning_rate,
        "checkpoint_steps": plan.checkpoint_steps,
        "suite": fixed_suite(adapter.trigger, appearance.class_words),
    }
    if present is not None:
        command["present"] = {"weights": PRESENT_WEIGHTS, "trigger": present.trigger}
    return command


def training_inputs(chosen: TrainingSet, present: PresentAdapter | None) -> list[JobInput]:
    """The cut-outs that the command names, and the weights of the version in use."""
    cut_outs: Mapping[str, ObjectId] = {
        _name(image): image.copies.cut_out_id for image in (*chosen.pictures, *chosen.held_out) if image.copies
    }
    weights = [] if present is None else [JobInput(PRESENT_WEIGHTS, present.weights_id)]
    return [*(JobInput(name, object_id) for name, object_id in cut_outs.items()), *weights]


def fixed_suite(trigger: str, class_words: str) -> list[Json]:
    """The prompts and seeds by which versions are compared: the same for every version of every character."""
    about = [f"{trigger} {class_words}, {setting}" for setting in SUITE_ABOUT]
    prompts = [*((prompt, True) for prompt in about), *((prompt, False) for prompt in SUITE_OTHER)]
    return [
        {"prompt": prompt, "seed": seed, "is_about_character": is_about}
        for seed, (prompt, is_about) in enumerate(prompts, 1)
    ]


def _picture(image: CharacterImage, appearance: Appearance) -> JsonObject:
    return {"cut_out": _name(image), "caption": appearance.words}


def _name(image: CharacterImage) -> str:
    return f"{image.id}.png"


def _faults(image: CharacterImage) -> int:
    return 0 if image.facts is None else len(image.facts.faults)
