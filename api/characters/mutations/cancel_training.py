"""The mutation cancelTraining."""

from typing import Annotated

import strawberry

from api.characters.adapter_refusals import AdapterNotTraining
from api.characters.adapter_types import AdapterVersion, present_adapter
from api.characters.refusals import CharacterNotFound
from api.context import Info
from api.node import local_id
from api.permissions import EDITOR
from domain.characters import errors
from domain.characters.use_cases.change_adapter import cancel_training
from domain.identifiers import CharacterId


@strawberry.type(description="The training stops; the version in use stays in use.")
class TrainingCanceled:
    """Success."""

    adapter: AdapterVersion = strawberry.field(description="The version that is not trained any more.")


CancelTrainingResult = Annotated[
    TrainingCanceled | CharacterNotFound | AdapterNotTraining,
    strawberry.union("CancelTrainingResult", description="What canceling a training can come to."),
]


@strawberry.type
class CancelTraining:
    """The mutation cancelTraining."""

    @strawberry.mutation(
        description="Stop the training of a character's adapter; nothing of that version is kept.", extensions=[EDITOR]
    )
    async def cancel_training(
        self,
        info: Info,
        character_id: Annotated[strawberry.ID, strawberry.argument(name="id", description="The character.")],
    ) -> CancelTrainingResult:
        context, key = info.context, CharacterId(local_id("Character", character_id))
        try:
            async with context.work() as work:
                adapter = await cancel_training(work, character_id=key, now=context.now())
        except errors.CharacterNotFound as fact:
            return CharacterNotFound(message=fact.message)
        except errors.AdapterNotTraining as fact:
            return AdapterNotTraining(message=fact.message)
        return TrainingCanceled(adapter=present_adapter(adapter))
