from dataclasses import replace

from domain.renders.judgements import UNCHECKED, Finding, Judgement, Verdict
from domain.renders.results import read_judgement
from tests.builders_renders import HARE, TORTOISE

HARE_FOUND = Finding(Verdict.MATCH, HARE, 0.8, 0.5)
TORTOISE_WRONG = Finding(Verdict.WRONG, TORTOISE, 0.4, 0.55, 0.5)
TORTOISE_GONE = Finding(Verdict.MISSING, TORTOISE, None, 0.55)
STRANGER = Finding(Verdict.EXTRA)


def test_a_judgement_is_as_good_as_its_worst_finding() -> None:
    assert Judgement((HARE_FOUND, TORTOISE_WRONG)).verdict is Verdict.WRONG
    assert Judgement((HARE_FOUND, TORTOISE_GONE, STRANGER)).verdict is Verdict.MISSING
    assert Judgement((HARE_FOUND, STRANGER)).verdict is Verdict.EXTRA
    assert Judgement(()).verdict is Verdict.MATCH


def test_its_score_is_the_lowest() -> None:
    assert Judgement((HARE_FOUND, TORTOISE_WRONG)).score == 0.4
    assert Judgement((TORTOISE_GONE,)).score is None


def test_a_stranger_does_not_pass_and_a_copy_only_where_it_is_normal() -> None:
    copied = Judgement((Finding(Verdict.COPY, HARE, 0.99, 0.5),))
    assert not Judgement((HARE_FOUND, STRANGER)).is_passed(copies_are_normal=True)
    assert copied.is_passed(copies_are_normal=True)
    assert not copied.is_passed(copies_are_normal=False)
    assert UNCHECKED.is_passed(copies_are_normal=False)


def test_of_refused_takes_the_gravest_fault_decides_before_the_score() -> None:
    rising = [
        Judgement((TORTOISE_GONE,)),
        Judgement((HARE_FOUND, TORTOISE_WRONG, STRANGER)),
        Judgement((HARE_FOUND, TORTOISE_WRONG)),
        Judgement((replace(HARE_FOUND, score=0.51), STRANGER, STRANGER)),
        Judgement((HARE_FOUND, STRANGER)),
        Judgement((HARE_FOUND,)),
    ]
    assert sorted([*rising[3:], *rising[:3]], key=lambda judgement: judgement.rank) == rising


def test_a_judgement_survives_being_kept() -> None:
    judgement = Judgement((HARE_FOUND, TORTOISE_WRONG, TORTOISE_GONE, STRANGER), frames=5)
    assert read_judgement(judgement.to_json()) == judgement
