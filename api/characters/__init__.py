"""Characters in the schema: made, changed, watched, searched."""

from api.characters.mutations.add_reference_images import AddReferenceImages
from api.characters.mutations.create_character import CreateCharacter
from api.characters.mutations.delete_character import DeleteCharacter
from api.characters.mutations.remove_reference_image import RemoveReferenceImage
from api.characters.mutations.update_character import UpdateCharacter
from api.characters.queries import CharacterQueries, fetch_character_nodes
from api.characters.searches import CharacterSearches
from api.characters.subscriptions import CharacterSubscriptions
from api.slices import Slice

SLICE = Slice(
    queries=(CharacterQueries, CharacterSearches),
    mutations=(CreateCharacter, UpdateCharacter, DeleteCharacter, AddReferenceImages, RemoveReferenceImage),
    subscriptions=(CharacterSubscriptions,),
    nodes={"Character": fetch_character_nodes},
)
