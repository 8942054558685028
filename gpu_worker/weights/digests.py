"""Digests that were reckoned before, by what the files looked like then: path, size and time of change."""

import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


class DigestCache:
    """Kept in one JSON file; a torn one is begun anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, path: Path, reckon: Callable[[Path], str]) -> str:
        """Answer the digest of a file or folder, reckoned only when something about it has changed."""
        known, key, looks = self._read(), str(path.resolve()), looks_of(path)
        if known.get(key, ("", ""))[0] != looks:
            known[key] = (looks, reckon(path))
            self._write(known)
        return known[key][1]

    def _read(self) -> dict[str, tuple[str, str]]:
        with suppress(OSError, ValueError):
            return {
                key: (str(looks), str(digest)) for key, (looks, digest) in json.loads(self._file.read_text()).items()
            }
        return {}

    def _write(self, known: dict[str, tuple[str, str]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(known))
        written.replace(self._file)


def looks_of(path: Path) -> str:
    """Answer a digest of names, sizes and times, without reading the files."""
    files = [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
    facts = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in files]
    return sha256(json.dumps(facts).encode()).hexdigest()
