"""Weights by name: a folder or file of this machine, or a repository of the hub at a revision.

Written `PATH`, `OWNER/NAME` or `OWNER/NAME@REVISION`, each with `#SHA256` behind it where the digest must be that one.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError

from gpu_worker.weights.checking import check_file, check_folder, digest_of_file, digest_of_folder
from gpu_worker.weights.digests import DigestCache
from gpu_worker.weights.errors import WeightsChanged, WeightsMissing

REPOSITORY = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
# No pickle is even downloaded; the rest is configuration, vocabulary and how a chat is written down.
WANTED = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """Where weights come from; `setting` is the environment variable that says so."""

    setting: str
    name: str
    digest: str | None = None

    @classmethod
    def of(cls, setting: str, written: str) -> "WeightsSource":
        name, _, digest = written.partition("#")
        return cls(setting, name, digest.lower() or None)

    @property
    def repository(self) -> str | None:
        """The name of the hub's repository, None for what lies on this machine."""
        named = REPOSITORY.fullmatch(self.name)
        return named["name"] if named and not Path(self.name).expanduser().exists() else None


@dataclass(frozen=True, slots=True)
class FoundWeights:
    """Weights that lie on this machine, were checked, and have this SHA-256."""

    path: Path
    digest: str


class WeightsFinder:
    """Finds, checks and digests weights; a digest is reckoned once for as long as the files stay as they are.

    With `is_offline` the hub is not asked: what lies in its cache is all there is.
    """

    def __init__(self, cache_folder: Path, *, is_offline: bool = False) -> None:
        self._digests = DigestCache(cache_folder / "digests.json")
        self._is_offline = is_offline

    def find(self, source: WeightsSource) -> FoundWeights:
        """Answer the weights; raises WeightsRefused naming the setting."""
        path = Path(source.name).expanduser()
        if not path.exists():
            path = downloaded(source, is_offline=self._is_offline)
        if path.is_file():
            check_file(path, source.setting)
            digest = self._digests.of(path, digest_of_file)
        else:
            check_folder(path, source.setting)
            digest = self._digests.of(path, digest_of_folder)
        if source.digest not in {None, digest}:
            raise WeightsChanged(source.setting, f"{path} has the SHA-256 {digest}, not {source.digest}.")
        return FoundWeights(path, digest)


def downloaded(source: WeightsSource, *, is_offline: bool) -> Path:
    """Answer the folder of the hub's snapshot, fetched unless it is here; raises WeightsMissing."""
    named = REPOSITORY.fullmatch(source.name)
    if named is None:
        raise WeightsMissing(source.setting, f"there is nothing at {source.name}.")
    try:
        found = snapshot_download(
            named["name"], revision=named["revision"], allow_patterns=list(WANTED), local_files_only=is_offline
        )
    except (LocalEntryNotFoundError, RepositoryNotFoundError, HfHubHTTPError, OSError) as away:
        raise WeightsMissing(
            source.setting, f"{source.name} is no folder of this machine and did not come from the hub ({away})."
        ) from None
    return Path(found)
