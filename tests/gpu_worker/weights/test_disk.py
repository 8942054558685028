"""The hub's cache on disk: what was used longest ago goes first, what is named stays."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gpu_worker.weights.disk import keep_within, repositories_of
from gpu_worker.weights.fetched import hold
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


def test_what_other_programs_have_in_the_cache_stays_and_does_not_count(cache: Path) -> None:
    others = [
        plant(cache, "somebody/model", size_bytes=5000, used_at=1, is_ours=False),
        plant(cache, "somebody/pictures", size_bytes=5001, used_at=1, kind="dataset"),
    ]
    assert keep_within(10_000, cache_folder=cache) == 0
    keep_within(1, cache_folder=cache)
    assert (names(cache), all(each.exists() for each in others)) == ({"model"}, True)


def test_what_another_worker_holds_stays(cache: Path) -> None:
    hold("owner/older", is_fetched=True, cache_folder=cache)
    keep_within(1, cache_folder=cache)
    assert names(cache) == {"older"}


@pytest.mark.parametrize(("was_there", "left"), [(True, {"model"}), (False, set[str]())])
def test_only_what_was_not_there_before_it_was_fetched_is_a_workers(
    tmp_path: Path, *, was_there: bool, left: set[str]
) -> None:
    code = "import sys; from pathlib import Path; from gpu_worker.weights.fetched import hold; "
    code += "hold('owner/model', is_fetched=True, cache_folder=Path(sys.argv[1]))"
    if was_there:
        plant(tmp_path, "owner/model", size_bytes=100, used_at=1, is_ours=False)
    # A process of its own, with which its hold ends.
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)  # noqa: S603 - a command of ours
    if not was_there:
        folder = plant(tmp_path / "fetched", "owner/model", size_bytes=100, used_at=1, is_ours=False)
        shutil.copytree(folder, tmp_path / folder.name, symlinks=True, dirs_exist_ok=True)
    keep_within(1, cache_folder=tmp_path)
    assert names(tmp_path) == left
