"""S3: bytes under content names, handed out through presigned URLs."""
