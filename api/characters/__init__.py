"""Characters in the schema: made, changed, watched, searched."""

from api.characters.mutations.add_reference_images import AddReferenceImages
from api.characters.mutations.cancel_training import CancelTraining
from api.characters.mutations.create_character import CreateCharacter
from api.characters.mutations.delete_character import DeleteCharacter
from api.characters.mutations.promote_adapter import PromoteAdapter
from api.characters.mutations.remove_reference_image import RemoveReferenceImage
from api.characters.mutations.roll_back_adapter import RollBackAdapter
from api.characters.mutations.train_character import TrainCharacter
from api.characters.mutations.update_character import UpdateCharacter
from api.characters.queries import CharacterQueries, fetch_adapter_nodes, fetch_character_nodes
from api.characters.searches import CharacterSearches
from api.characters.subscriptions import CharacterSubscriptions
from api.characters.trainings import TrainingSubscriptions
from api.slices import Slice

SLICE = Slice(
    queries=(CharacterQueries, CharacterSearches),
    mutations=(
        CreateCharacter,
        UpdateCharacter,
        DeleteCharacter,
        AddReferenceImages,
        RemoveReferenceImage,
        TrainCharacter,
        CancelTraining,
        PromoteAdapter,
        RollBackAdapter,
    ),
    subscriptions=(CharacterSubscriptions, TrainingSubscriptions),
    nodes={"Character": fetch_character_nodes, "AdapterVersion": fetch_adapter_nodes},
)
