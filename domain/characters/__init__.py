"""Who the characters are: names, reference images, identities, and who is who in a frame."""
