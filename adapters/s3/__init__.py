"""S3: bytes by key, presigned addresses."""
