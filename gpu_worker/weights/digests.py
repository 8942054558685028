"""Digests that were reckoned before, by what the files looked like then: paths, sizes and times of change."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path


class DigestCache:
    """Kept in one JSON file; a torn one is begun anew."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def of(self, key: str, files: Sequence[Path], reckon: Callable[[], str]) -> str:
        """Answer the digest of files, reckoned only when something about what goes by `key` has changed."""
        known, looks = self._read(), looks_of(files)
        if known.get(key, ("", ""))[0] != looks:
            known[key] = (looks, reckon())
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


def looks_of(files: Sequence[Path]) -> str:
    """Answer a digest of names, sizes and times, without reading the files."""
    facts = [(str(each), each.stat().st_size, each.stat().st_mtime_ns) for each in files]
    return sha256(json.dumps(facts).encode()).hexdigest()
