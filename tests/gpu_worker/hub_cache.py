"""A cache of the hub with repositories that were never downloaded."""

import os
from hashlib import sha256
from pathlib import Path

from gpu_worker.weights.fetched import MARK


def plant(
    cache: Path, repository: str, *, size_bytes: int, used_at: float, kind: str = "model", is_ours: bool = True
) -> Path:
    """Put a repository of one file into the cache as the hub's client does, with a worker's mark if `is_ours`."""
    folder = cache / f"{kind}s--{repository.replace('/', '--')}"
    content = bytes(size_bytes)
    revision = sha256(repository.encode()).hexdigest()[:40]
    blob, snapshot = folder / "blobs" / sha256(content).hexdigest(), folder / "snapshots" / revision
    for path in (blob.parent, snapshot, folder / "refs"):
        path.mkdir(parents=True)
    blob.write_bytes(content)
    (snapshot / "model.safetensors").symlink_to(os.path.relpath(blob, snapshot))
    (folder / "refs" / "main").write_text(revision)
    if is_ours:
        (folder / MARK).touch()
    os.utime(blob, (used_at, used_at))
    return folder
