"""Whether a new version of an adapter is used: at least as good as what is there in everything that the suite shows."""

from domain.characters.adapters import AdapterScores

# Two makings of one suite by the same weights on two cards differ by less; a loss of more is a loss.
TOLERANCE = 0.02
# The first version is compared with no adapter: it must show more of the character, for that is all it is for,
# may cost the prompts a little, and must leave most of what is not about the character as it was.
FIRST_IDENTITY_GAIN_MIN = 0.02
FIRST_PROMPT_LOSS_MAX = 0.1
FIRST_PURITY_MIN = 0.7


def refusal_against_present(scores: AdapterScores, present: AdapterScores) -> str:
    """Answer why the version in use stays, figure by figure; empty where the new one takes its place."""
    least = AdapterScores(present.identity - TOLERANCE, present.prompt - TOLERANCE, present.purity - TOLERANCE)
    return _shortfalls(scores, least)


def refusal_of_first(scores: AdapterScores, without: AdapterScores) -> str:
    """Answer why none is better than the first version, whose suite `without` an adapter scored so; empty if it is."""
    least = AdapterScores(
        without.identity + FIRST_IDENTITY_GAIN_MIN, without.prompt - FIRST_PROMPT_LOSS_MAX, FIRST_PURITY_MIN
    )
    return _shortfalls(scores, least)


def _shortfalls(scores: AdapterScores, least: AdapterScores) -> str:
    compared = (
        ("identity", scores.identity, least.identity),
        ("prompt", scores.prompt, least.prompt),
        ("purity", scores.purity, least.purity),
    )
    short = [f"{name} {shown:.3f}, at least {wanted:.3f} wanted" for name, shown, wanted in compared if shown < wanted]
    return "; ".join(short)
