"""Objects in use are there, whole: the object store's own files against the rows that refer to them."""

from chaos.history import History
from chaos.rig import Rig


def storage_violations(history: History, rig: Rig) -> list[str]:
    """Every object that something refers to has its bytes, all of them."""
    folder = rig.folder / "storage" / "lab"
    broken: list[str] = []
    for stored in history.objects:
        path = folder / stored.key
        if not path.is_file():
            broken.append(f"I2 objects: {stored.key} is referred to {stored.references} times and is not there")
        elif path.stat().st_size != stored.size_bytes:
            broken.append(f"I2 objects: {stored.key} has {path.stat().st_size} of {stored.size_bytes} bytes")
    return broken
