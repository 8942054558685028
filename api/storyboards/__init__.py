"""Storyboards in the schema: written, watched, edited."""

from api.slices import Slice
from api.storyboards.mutations.create_storyboard import CreateStoryboard
from api.storyboards.mutations.delete_shot import DeleteShot
from api.storyboards.mutations.delete_storyboard import DeleteStoryboard
from api.storyboards.mutations.insert_shot import InsertShot
from api.storyboards.mutations.merge_shots import MergeShots
from api.storyboards.mutations.move_shot import MoveShot
from api.storyboards.mutations.rename_storyboard import RenameStoryboard
from api.storyboards.mutations.restore_storyboard_version import RestoreStoryboardVersion
from api.storyboards.mutations.split_shot import SplitShot
from api.storyboards.mutations.update_shot import UpdateShot
from api.storyboards.queries import StoryboardQueries, fetch_storyboard_nodes
from api.storyboards.subscriptions import StoryboardSubscriptions

SLICE = Slice(
    queries=(StoryboardQueries,),
    mutations=(
        CreateStoryboard,
        RenameStoryboard,
        DeleteStoryboard,
        InsertShot,
        UpdateShot,
        MoveShot,
        SplitShot,
        MergeShots,
        DeleteShot,
        RestoreStoryboardVersion,
    ),
    subscriptions=(StoryboardSubscriptions,),
    nodes={"Storyboard": fetch_storyboard_nodes},
)
