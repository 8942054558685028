"""Media in the schema: announcing uploads, reading stored files."""

from api.media.mutations.create_uploads import CreateUploads
from api.slices import Slice

SLICE = Slice(mutations=(CreateUploads,))
