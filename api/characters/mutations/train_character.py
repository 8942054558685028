"""The mutation trainCharacter."""

from typing import Annotated

import strawberry

from api.characters.adapter_refusals import AlreadyTraining, TooFewPictures, TooManyAdapters, TrainingUnavailable
from api.characters.adapter_types import AdapterVersion, present_adapter
from api.characters.refusals import CharacterNotFound
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from domain.characters import errors
from domain.characters.use_cases.train_character import train_character
from domain.identifiers import CharacterId


@strawberry.type(description="A version is written down, and its training waits for a worker.")
class TrainingStarted:
    """Success."""

    adapter: AdapterVersion = strawberry.field(description="The version that is trained.")


TrainCharacterResult = Annotated[
    TrainingStarted | CharacterNotFound | TrainingUnavailable | TooFewPictures | AlreadyTraining | TooManyAdapters,
    strawberry.union("TrainCharacterResult", description="What training a character can come to."),
]


@strawberry.type
class TrainCharacter:
    """The mutation trainCharacter."""

    @strawberry.mutation(
        description="Train the next version of a character's adapter from 5 to 30 of its pictures. It is used by new "
        "renders once a fixed suite shows it at least as good as what is in use. `trainingProgress` follows it.",
        extensions=[EDITOR],
    )
    async def train_character(
        self,
        info: Info,
        character_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The character.")],
    ) -> TrainCharacterResult:
        context, key = info.context, CharacterId(local_id("Character", character_id))
        engine = context.services.engines.trainer
        try:
            async with context.work() as work:
                adapter = await train_character(work, character_id=key, engine=engine, now=context.now())
        except errors.CharacterNotFound as fact:
            return CharacterNotFound(message=fact.message)
        except errors.TrainingUnavailable as fact:
            return TrainingUnavailable(message=fact.message)
        except errors.TooFewPictures as fact:
            return TooFewPictures(message=fact.message)
        except errors.AlreadyTraining as fact:
            return AlreadyTraining(message=fact.message)
        except errors.TooManyAdapters as fact:
            return TooManyAdapters(message=fact.message)
        return TrainingStarted(adapter=present_adapter(adapter))
