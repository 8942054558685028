"""What workers have fetched of the hub, kept within a budget on disk: what was used longest ago goes first."""

import shutil
from collections.abc import Iterable
from pathlib import Path

import structlog
from huggingface_hub import CachedRepoInfo, CacheNotFound, scan_cache_dir

from gpu_worker.weights.fetched import MARK, alone
from gpu_worker.weights.source import WeightsSource

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def repositories_of(sources: Iterable[WeightsSource]) -> frozenset[str]:
    """The hub's repositories among the sources."""
    return frozenset(source.repository for source in sources if source.repository is not None)


def keep_within(bytes_max: int, *, keep: frozenset[str] = frozenset(), cache_folder: Path | None = None) -> int:
    """Delete models that workers have fetched until those take at most `bytes_max`, none of them in `keep` or in use.

    What others have in the cache is neither counted nor touched. The cache is the hub's own unless a folder is given.
    Answers how many bytes were freed.
    """
    try:
        cache = scan_cache_dir(cache_folder)
    except CacheNotFound:
        return 0
    ours = [each for each in cache.repos if each.repo_type == "model" and (each.repo_path / MARK).exists()]
    surplus, freed = sum(each.size_on_disk for each in ours) - bytes_max, 0
    for repository in sorted(ours, key=lambda each: each.last_accessed):
        if freed >= surplus:
            break
        if repository.repo_id not in keep:
            freed += _delete(repository)
    return freed


def _delete(repository: CachedRepoInfo) -> int:
    """Answer how many bytes were freed: none where another worker uses it."""
    with alone(repository.repo_path) as is_unused:
        if not is_unused:
            return 0
        try:
            shutil.rmtree(repository.repo_path)
        except OSError as refused:
            log.warning("weights_not_deleted", repository=repository.repo_id, reason=str(refused))
            return 0
    log.info("weights_deleted", repository=repository.repo_id, size_bytes=repository.size_on_disk)
    return repository.size_on_disk
