"""The hub's cache on disk, kept within a budget: revisions that were used longest ago go first."""

from collections.abc import Iterable
from pathlib import Path

from huggingface_hub import CacheNotFound, scan_cache_dir

from gpu_worker.weights.source import WeightsSource


def repositories_of(sources: Iterable[WeightsSource]) -> frozenset[str]:
    """The hub's repositories among the sources."""
    return frozenset(source.repository for source in sources if source.repository is not None)


def keep_within(bytes_max: int, *, keep: frozenset[str] = frozenset(), cache_folder: Path | None = None) -> int:
    """Delete revisions until the cache holds at most `bytes_max`, none of them of a repository in `keep`.

    The cache is the hub's own unless a folder is given. Answers how many bytes were freed.
    """
    try:
        cache = scan_cache_dir(cache_folder)
    except CacheNotFound:
        return 0
    surplus, chosen = cache.size_on_disk - bytes_max, list[str]()
    for repository in sorted(cache.repos, key=lambda each: each.last_accessed):
        if surplus <= 0:
            break
        if repository.repo_id not in keep:
            chosen += [revision.commit_hash for revision in repository.revisions]
            surplus -= repository.size_on_disk
    if not chosen:
        return 0
    strategy = cache.delete_revisions(*chosen)
    strategy.execute()
    return strategy.expected_freed_size
