"""How an adapter is trained, what it is told, and when it is used."""

from dataclasses import replace

import pytest

from bootstrap.clock import new_id
from contracts.commands import TrainAdapter
from domain.characters.adapters import AdapterScores, AdapterState, AdapterVersion, TrainingPlan
from domain.characters.appearance import AppearanceSource, appearance_of, trigger_of
from domain.characters.errors import AdapterNotTraining, TooFewPictures
from domain.characters.models import Character, CharacterImage
from domain.characters.promotion import refusal_against_present, refusal_of_first
from domain.characters.texts import checked_texts
from domain.characters.training import (
    PRESENT_WEIGHTS,
    PresentAdapter,
    TrainingSet,
    choose_pictures,
    plan_training,
    training_command,
    training_inputs,
)
from domain.identifiers import AdapterId, JobId, ObjectId
from tests.builders_characters import NOW, character, read_image

PETER = character()


def pictures(count: int, of: Character = PETER) -> list[CharacterImage]:
    return [read_image(of, position=number) for number in range(count)]


def version(chosen: TrainingSet, *, state: AdapterState = AdapterState.TRAINING) -> AdapterVersion:
    return AdapterVersion(
        id=AdapterId(new_id()),
        workspace_id=PETER.workspace_id,
        character_id=PETER.id,
        number=1,
        trigger=trigger_of(PETER.id),
        plan=plan_training(chosen, character_id=PETER.id, number=1, engine="diffusion"),
        job_id=JobId(new_id()),
        created_at=NOW,
        state=state,
    )


@pytest.mark.parametrize(("given", "teach", "judge"), [(5, 4, 1), (10, 8, 2), (30, 25, 5), (50, 25, 5)])
def test_one_of_five_pictures_judges_and_the_first_always_teaches(given: int, teach: int, judge: int) -> None:
    images = pictures(given)
    chosen = choose_pictures(images)
    assert (len(chosen.pictures), len(chosen.held_out)) == (teach, judge)
    assert chosen.pictures[0] == images[0]
    assert not set(chosen.pictures) & set(chosen.held_out)


def planned(images: list[CharacterImage]) -> TrainingPlan:
    return plan_training(choose_pictures(images), character_id=PETER.id, number=1, engine="diffusion")


@pytest.mark.parametrize(("first", "more", "judges"), [(9, 1, 1), (9, 6, 2), (10, 0, 2), (25, 25, 5)])
def test_no_picture_judges_that_taught_the_version_in_use(first: int, more: int, judges: int) -> None:
    images = pictures(first + more)
    in_use = planned(images[:first])
    chosen = choose_pictures(images, in_use=in_use)
    held_out = {image.id for image in chosen.held_out}
    assert len(held_out) == judges
    assert not held_out & set(in_use.taught_by)
    assert {*in_use.judged_by} <= held_out


def test_where_all_judges_were_removed_others_judge() -> None:
    images = pictures(10)
    in_use = planned(images)
    left = [image for image in images if image.id not in in_use.judged_by]
    assert len(choose_pictures(left, in_use=in_use).held_out) == 1


def test_the_canonical_picture_teaches_though_it_has_judged() -> None:
    images = pictures(10)
    in_use = planned(images)
    canonical, *others = sorted(images, key=lambda image: image.id not in in_use.judged_by)
    placed = [replace(image, position=place) for place, image in enumerate([canonical, *others])]
    chosen = choose_pictures(placed, in_use=in_use)
    assert chosen.pictures[0].id == canonical.id
    assert len(chosen.held_out) == 1


def test_copies_and_pictures_without_a_figure_do_not_count() -> None:
    images = pictures(6)
    images[5] = images[5].as_duplicate_of(images[0].id)
    images[4] = read_image(PETER, position=4, is_embedded=False)
    with pytest.raises(TooFewPictures, match="4 pictures"):
        choose_pictures(images)


@pytest.mark.parametrize(("given", "rank", "steps"), [(5, 8, 600), (15, 16, 1200), (30, 16, 2400)])
def test_more_pictures_are_learned_longer_and_in_more_room(given: int, rank: int, steps: int) -> None:
    plan = plan_training(choose_pictures(pictures(given)), character_id=PETER.id, number=1, engine="diffusion")
    assert (plan.rank, plan.steps_max) == (rank, steps)


def test_the_command_is_what_the_worker_reads_and_its_inputs_are_there() -> None:
    chosen = choose_pictures(pictures(6))
    present = PresentAdapter(ObjectId(new_id()), "bcdfgh")
    told = appearance_of(replace(PETER.texts, description="A small brown rabbit in a blue jacket. Very bold."))
    command = TrainAdapter.model_validate(training_command(version(chosen), chosen, appearance=told, present=present))
    named = {each.cut_out for each in (*command.pictures, *command.held_out)} | {PRESENT_WEIGHTS}
    assert {each.name for each in training_inputs(chosen, present)} == named
    assert command.pictures[0].caption == "A small brown rabbit in a blue jacket."
    about = [each for each in command.suite if each.is_about_character]
    assert (len(about), len(command.suite)) == (8, 12)
    assert all(each.prompt.startswith(f"{command.trigger} {command.class_words}, ") for each in about)


def test_the_trigger_word_is_the_characters_own_and_stays() -> None:
    other = character()
    assert trigger_of(PETER.id) == trigger_of(PETER.id) != trigger_of(other.id)
    assert (len(trigger_of(PETER.id)), set(trigger_of(PETER.id)) & set("aeiouy")) == (6, set())


@pytest.mark.parametrize(
    ("metadata", "description", "words", "source"),
    [
        ({"appearance": "red hood, wicker basket"}, "She is bold.", "red hood, wicker basket", "metadata"),
        ({}, "A girl with a red hood. She is bold.", "A girl with a red hood.", "description"),
        ({"appearance": "红色斗篷"}, "戴红帽的小女孩。", "", "nowhere"),
        ({"appearance": 3}, "Ein Kind aus dem Wald.", "", "nowhere"),
    ],
)
def test_appearance_is_what_the_user_said_in_english(
    metadata: dict[str, object], description: str, words: str, source: str
) -> None:
    told = appearance_of(checked_texts(name="Mia", description=description, metadata=metadata))
    assert (told.words, told.source) == (words, AppearanceSource(source))


PRESENT = AdapterScores(0.7, 0.6, 0.9)


@pytest.mark.parametrize(
    ("scores", "refused"),
    [
        (AdapterScores(0.7, 0.6, 0.9), ()),
        (AdapterScores(0.69, 0.59, 0.89), ()),
        (AdapterScores(0.9, 0.9, 0.85), ("purity 0.850, at least 0.880 wanted",)),
        (AdapterScores(0.6, 0.5, 0.95), ("identity 0.600, at least 0.680 wanted", "prompt 0.500")),
    ],
)
def test_a_version_is_used_only_where_it_is_as_good_in_everything(
    scores: AdapterScores, refused: tuple[str, ...]
) -> None:
    told = refusal_against_present(scores, PRESENT)
    assert bool(told) == bool(refused)
    assert all(reason in told for reason in refused)


@pytest.mark.parametrize(
    ("scores", "word"),
    [
        (AdapterScores(0.5, 0.55, 0.8), ""),
        (AdapterScores(0.41, 0.6, 0.9), "identity"),
        (AdapterScores(0.6, 0.4, 0.9), "prompt"),
        (AdapterScores(0.6, 0.6, 0.5), "purity"),
    ],
)
def test_the_first_version_must_show_more_of_the_character_than_none(scores: AdapterScores, word: str) -> None:
    assert refusal_of_first(scores, AdapterScores(0.4, 0.6, 1.0)).split(" ")[0] == word


@pytest.mark.parametrize("state", [each for each in AdapterState if each.is_final])
def test_a_training_that_has_ended_ends_no_second_time(state: AdapterState) -> None:
    over = version(choose_pictures(pictures(5)), state=state)
    for end in (lambda: over.failed("again", now=NOW), lambda: over.canceled(now=NOW)):
        with pytest.raises(AdapterNotTraining):
            end()
