"""The films of `examples/` and a fable in a third language, each with the facts that a director would check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bootstrap.filming import read_example
from client.studio import CastMember, FilmOrder, pictures_in

EXAMPLES = Path(__file__).parents[2] / "examples"
CAST = EXAMPLES / "cast"

CORBEAU = """\
Un matin d'hiver, un Corbeau se posa sur un arbre de la forêt. Il tenait un fromage dans son bec.

Le Renard s'approcha de l'arbre. « Bonjour, dit le Renard, que vous êtes beau ! Chantez-vous aussi bien ? »

Le Corbeau ouvrit un large bec et laissa tomber le fromage. Le Renard le mangea et s'en alla en riant.

« On ne m'y prendra plus », dit le Corbeau.
"""


@dataclass(frozen=True)
class Facts:
    """What must be true of a film's storyboard.

    `spoken` tells who says the words and `present` who is seen with them, by the names of the cast; `strangers` speak
    too, but nobody plays them.
    """

    language: str
    shots: range
    seconds: range
    spoken: Mapping[str, str]
    present: Mapping[str, set[str]]
    sceneries: list[str]
    times_of_day: set[str]
    strangers: set[str] = field(default_factory=set[str])


FACTS = {
    "hamlet": Facts(
        language="en",
        shots=range(9, 14),
        seconds=range(25, 50),
        spoken={"Who's there?": "Bernardo", "Not a mouse stirring.": "Francisco", "He.": "Bernardo"},
        present={"FRANCISCO at his post": {"Bernardo", "Francisco"}, "A platform before the castle": set()},
        sceneries=["CASTLE"],
        times_of_day={"NIGHT"},
    ),
    "tortoise": Facts(
        language="en",
        shots=range(10, 18),
        seconds=range(55, 95),
        spoken={"Do you ever get anywhere?": "Hare", "I'll run you a race and prove it.": "Tortoise"},
        present={"slept on very peacefully": {"Hare"}, "kept going slowly": {"Tortoise"}, "the Fox": set()},
        sceneries=["ROAD"],
        times_of_day={"DAY"},
    ),
    "peter_rabbit": Facts(
        language="en",
        shots=range(15, 24),
        seconds=range(80, 130),
        spoken={"Now my dears": "Mrs. Rabbit", "I am going out.": "Mrs. Rabbit"},
        present={"lived with their Mother": {"Peter", "Mrs. Rabbit"}, "rushed all over the garden": {"Peter"}},
        sceneries=["FOREST", "ROAD", "GARDEN"],
        times_of_day={"DAY"},
        strangers={"Mr. McGregor"},
    ),
    "yugong": Facts(
        language="zh",
        shots=range(11, 20),
        seconds=range(45, 80),
        spoken={"吾与汝毕力平险": "愚公", "甚矣，汝之不惠": "智叟", "汝心之固": "愚公"},
        present={"北山愚公者": {"愚公"}, "河曲智叟亡以应": {"智叟"}, "帝感其诚": set()},
        sceneries=["MOUNTAINS"],
        times_of_day={"DAY"},
        strangers={"其妻", "众人"},
    ),
    "corbeau": Facts(
        language="fr",
        shots=range(4, 12),
        seconds=range(15, 45),
        spoken={"que vous êtes beau": "Renard", "On ne m'y prendra plus": "Corbeau"},
        present={"se posa sur un arbre": {"Corbeau"}, "s'approcha de l'arbre": {"Renard"}},
        sceneries=["FOREST"],
        times_of_day={"DAY"},
    ),
}


def corbeau() -> FilmOrder:
    """The Fox and the Crow, after Aesop, told in French for these tests."""
    cast = [
        CastMember("Corbeau", pictures_in(CAST / "openPeeps-001")),
        CastMember("Renard", pictures_in(CAST / "openPeeps-006")),
    ]
    return FilmOrder(title="Le Corbeau et le Renard", script=CORBEAU, cast=cast)


def order_of(name: str) -> FilmOrder:
    return corbeau() if name == "corbeau" else read_example(EXAMPLES / name)
