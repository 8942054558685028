"""The hub's cache on disk: what was used longest ago goes first, what is named stays."""

from pathlib import Path

import pytest

from gpu_worker.weights.disk import keep_within, repositories_of
from gpu_worker.weights.source import WeightsSource
from tests.gpu_worker.hub_cache import plant


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    for number, name in enumerate(("oldest", "older", "newest")):
        plant(tmp_path, f"owner/{name}", size_bytes=1000 + number, used_at=1_000_000_000 + 1000 * number)
    return tmp_path


def names(cache: Path) -> set[str]:
    return {path.name.rsplit("--", 1)[1] for path in cache.glob("models--*")}


@pytest.mark.parametrize(
    ("bytes_max", "keep", "left"),
    [
        (10_000, frozenset[str](), {"oldest", "older", "newest"}),
        (2_500, frozenset[str](), {"older", "newest"}),
        (1_100, frozenset[str](), {"newest"}),
        (2_500, frozenset({"owner/oldest"}), {"oldest", "newest"}),
        (1, frozenset({"owner/older"}), {"older"}),
    ],
)
def test_the_cache_is_kept_within_its_budget(cache: Path, bytes_max: int, keep: frozenset[str], left: set[str]) -> None:
    before = sum(path.stat().st_size for path in cache.glob("models--*/blobs/*"))
    freed = keep_within(bytes_max, keep=keep, cache_folder=cache)
    assert names(cache) == left
    assert before - freed == sum(path.stat().st_size for path in cache.glob("models--*/blobs/*"))


def test_a_cache_that_is_not_there_is_within_any_budget(tmp_path: Path) -> None:
    assert keep_within(1, cache_folder=tmp_path / "none") == 0


def test_repositories_are_what_is_named_and_not_on_this_machine(tmp_path: Path) -> None:
    written = ["owner/name", "owner/other@main#abc", str(tmp_path), "no-repository"]
    sources = [WeightsSource.of("LAB_DIFFUSION_KEYFRAME_WEIGHTS", each) for each in written]
    assert repositories_of(sources) == {"owner/name", "owner/other"}
