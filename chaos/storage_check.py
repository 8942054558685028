"""The object store's own files against the rows that refer to them: all there, whole; after two sweeps no others."""

import hashlib
from datetime import timedelta

from bootstrap.container import Container
from chaos.history import History
from chaos.rig import Rig
from domain.media.policies import KEY_PREFIXES
from domain.media.use_cases import sweep_strays


def storage_violations(history: History, rig: Rig) -> list[str]:
    """Every object that something refers to has its bytes, all of them and no others."""
    folder = rig.folder / "storage" / "lab"
    broken: list[str] = []
    for stored in history.objects:
        path = folder / stored.key
        if not path.is_file():
            broken.append(f"I2 objects: {stored.key} is referred to {stored.references} times and is not there")
        elif path.stat().st_size != stored.size_bytes:
            broken.append(f"I2 objects: {stored.key} has {path.stat().st_size} of {stored.size_bytes} bytes")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != stored.sha256:
            broken.append(f"I2 objects: {stored.key} has other bytes than were kept")
    return broken


async def sweep_violations(services: Container, rig: Rig) -> list[str]:
    """When nobody works any more: sweep twice; no orphan is left, and nothing is gone that a row refers to."""
    for _ in range(2):
        await sweep_strays(services.system_work, store=services.store, age=timedelta(0))
    pages = [page for prefix in KEY_PREFIXES async for page in services.store.list_pages(prefix)]
    kept = {file.key for page in pages for file in page}
    connection = await rig.servers.connect()
    try:
        referred = {row["key"] for row in await connection.fetch("select key from objects")}
    finally:
        await connection.close()
    orphans = [f"I2 objects: {key} is an orphan and has survived two sweeps" for key in sorted(kept - referred)]
    return orphans + [f"I2 objects: {key} was in use and is swept" for key in sorted(referred - kept)]
