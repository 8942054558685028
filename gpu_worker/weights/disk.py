"""The hub's cache on disk, kept within a budget: revisions that were used longest ago go first."""

from huggingface_hub import CacheNotFound, scan_cache_dir


def keep_within(bytes_max: int, *, keep: frozenset[str] = frozenset()) -> int:
    """Delete revisions until the cache holds at most `bytes_max`, none of them of a repository in `keep`.

    Answers how many bytes were freed.
    """
    try:
        cache = scan_cache_dir()
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
