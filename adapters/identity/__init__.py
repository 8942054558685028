"""Pictures of characters: cut-out, quality, embedding and who is who in a frame."""
