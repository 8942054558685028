"""Weights by name: a folder or file of this machine, or a repository of the hub at a revision.

Written `PATH`, `OWNER/NAME` or `OWNER/NAME@REVISION`, each with `#SHA256` behind it where the digest must be that one.
What lies beside the weights and is never loaded, such as a README, counts to no digest.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
from huggingface_hub.utils import filter_repo_objects

from gpu_worker.weights.checking import check_file, check_files, digest_of_file, digest_of_files, files_below
from gpu_worker.weights.digests import DigestCache
from gpu_worker.weights.errors import WeightsChanged, WeightsMissing
from gpu_worker.weights.fetched import hold

REPOSITORY = re.compile(r"(?P<name>[\w.-]+/[\w.-]+)(@(?P<revision>[\w./-]+))?")
# No pickle is even downloaded; the rest is configuration, vocabulary and how a chat is written down.
WANTED = ("*.safetensors", "*.json", "*.txt", "*.model", "*.jinja")
# The same weights in other types of numbers, or from before their averaging; nothing here loads them.
VARIANTS = ("*.fp16*", "*.bf16*", "*.fp32*", "*.non_ema*")
PIPELINE = "model_index.json"
NEVER_LOADED = frozenset({"safety_checker"})


@dataclass(frozen=True, slots=True)
class WeightsSource:
    """Where weights come from; `setting` is the environment variable that says so.

    Of a repository `parts` alone are fetched, files or folders, where there are any.
    """

    setting: str
    name: str
    digest: str | None = None
    parts: tuple[str, ...] = ()

    @classmethod
    def of(cls, setting: str, written: str, *, parts: tuple[str, ...] = ()) -> "WeightsSource":
        name, _, digest = written.partition("#")
        return cls(setting, name, digest.lower() or None, parts)

    @property
    def repository(self) -> str | None:
        """The name of the hub's repository, None for what lies on this machine."""
        named = REPOSITORY.fullmatch(self.name)
        return named["name"] if named and not Path(self.name).expanduser().exists() else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files of a folder are weights and what belongs to them, as patterns of their paths."""

    patterns: tuple[str, ...] = WANTED
    ignored: tuple[str, ...] = ()

    def among(self, folder: Path, files: Sequence[Path]) -> Sequence[Path]:
        """Answer those of the files below `folder`, by the hub's own rules."""
        return list(
            filter_repo_objects(
                files,
                allow_patterns=list(self.patterns),
                ignore_patterns=list(self.ignored),
                key=lambda path: path.relative_to(folder).as_posix(),
            )
        )


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
        path, wanted = Path(source.name).expanduser(), Wanted()
        if not path.exists():
            path, wanted = downloaded(source, is_offline=self._is_offline)
        if path.is_file():
            check_file(path, source.setting)
            digest = self._digests.of(str(path.resolve()), [path], lambda: digest_of_file(path))
        else:
            below = files_below(path)
            # What another program has fetched into a snapshot of the hub is not loaded.
            files = wanted.among(path, below)
            check_files(path, below if wanted == Wanted() else files, source.setting)
            key = json.dumps([str(path.resolve()), *wanted.patterns])
            digest = self._digests.of(key, files, lambda: digest_of_files(path, files))
        if source.digest not in {None, digest}:
            raise WeightsChanged(source.setting, f"{path} has the SHA-256 {digest}, not {source.digest}.")
        return FoundWeights(path, digest)


def downloaded(source: WeightsSource, *, is_offline: bool) -> "tuple[Path, Wanted]":
    """Answer the hub's snapshot, fetched unless it is here, and what of it is wanted; raises WeightsMissing."""
    named = REPOSITORY.fullmatch(source.name)
    if named is None:
        raise WeightsMissing(source.setting, f"there is nothing at {source.name}.")
    parts = tuple(PurePosixPath(part).as_posix() for part in source.parts)
    try:
        hold(named["name"], is_fetched=not is_offline)
        # What is named is wanted, whatever it is called.
        ignored = () if parts else VARIANTS
        parts = parts or _parts_of_pipeline(named["name"], named["revision"], is_offline=is_offline)
        wanted = Wanted(patterns_of(parts) if parts else WANTED, ignored)
        found = snapshot_download(
            named["name"],
            revision=named["revision"],
            allow_patterns=list(wanted.patterns),
            ignore_patterns=list(wanted.ignored),
            local_files_only=is_offline,
        )
    except (LocalEntryNotFoundError, RepositoryNotFoundError, HfHubHTTPError, OSError) as away:
        raise WeightsMissing(
            source.setting, f"{source.name} is no folder of this machine and did not come from the hub ({away})."
        ) from None
    return Path(found), wanted


def _parts_of_pipeline(repository: str, revision: str | None, *, is_offline: bool) -> tuple[str, ...]:
    """The folders and files of a pipeline, by its index; none where the repository is something else.

    Beside them lie the weights once more, in one file for other programs, often in many versions.
    """
    folder = snapshot_download(repository, revision=revision, allow_patterns=[PIPELINE], local_files_only=is_offline)
    index = Path(folder) / PIPELINE
    return parts_in(json.loads(index.read_text())) if index.exists() else ()


def parts_in(index: Mapping[str, object]) -> tuple[str, ...]:
    """Of each part the index has the library and the class, null for one that is left out."""
    parts = [name for name, made_by in index.items() if isinstance(made_by, list) and all(made_by)]
    return (PIPELINE, *(name for name in parts if name not in NEVER_LOADED))


def patterns_of(parts: Iterable[str]) -> tuple[str, ...]:
    """What is fetched of files and folders; never a pickle, not even one that is named."""
    files = [part for part in parts if any(fnmatch(part, wanted) for wanted in WANTED)]
    return (*files, *(f"{part}/{wanted}" for part in parts if part not in files for wanted in WANTED))
