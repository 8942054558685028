"""Weights that are let in, and those that are not."""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from gpu_worker.weights.checking import digest_of_files, files_below
from gpu_worker.weights.errors import WeightsChanged, WeightsCorrupt, WeightsMissing, WeightsRefused, WeightsUnsafe
from gpu_worker.weights.source import WeightsFinder, WeightsSource

SETTING = "LAB_DIFFUSION_KEYFRAME_WEIGHTS"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "unet").mkdir(parents=True)
    save_file({"weight": torch.ones(4, 4)}, folder / "unet" / "model.safetensors")
    (folder / "model_index.json").write_text(json.dumps({"_class_name": "Tiny"}))
    return folder


@pytest.fixture
def finder(tmp_path: Path) -> WeightsFinder:
    return WeightsFinder(tmp_path / "cache")


def digest_of_folder(folder: Path) -> str:
    return digest_of_files(folder, files_below(folder))


def test_a_whole_folder_is_found_with_its_digest(folder: Path, finder: WeightsFinder) -> None:
    found = finder.find(WeightsSource.of(SETTING, f"{folder}#{digest_of_folder(folder)}"))
    assert (found.path, found.digest) == (folder, digest_of_folder(folder))
    (folder / "README.md").write_text("How to use it.")
    assert finder.find(WeightsSource.of(SETTING, str(folder))).digest == found.digest


def test_a_digest_changes_with_a_byte_and_with_a_name(folder: Path) -> None:
    before = digest_of_folder(folder)
    (folder / "model_index.json").rename(folder / "index.json")
    renamed = digest_of_folder(folder)
    (folder / "index.json").write_text("{}")
    assert len({before, renamed, digest_of_folder(folder)}) == 3


def test_a_digest_is_reckoned_once_while_the_files_stay(folder: Path, finder: WeightsFinder) -> None:
    source = WeightsSource.of(SETTING, str(folder))
    first = finder.find(source).digest
    weights = folder / "unet" / "model.safetensors"
    times, content = weights.stat().st_mtime_ns, bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    os.utime(weights, ns=(times, times))
    assert finder.find(source).digest == first
    os.utime(weights, ns=(times, times + 1))
    assert finder.find(source).digest != first


def tear(folder: Path) -> None:
    weights = folder / "unet" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])


def scribble(folder: Path) -> None:
    (folder / "unet" / "model.safetensors").write_bytes(b"junk" * 10)


def pickle_openly(folder: Path) -> None:
    (folder / "unet" / "model.bin").write_bytes(pickle.dumps({}))


def pickle_in_disguise(folder: Path) -> None:
    (folder / "unet" / "model.safetensors").write_bytes(pickle.dumps({"weight": list(range(1000))}))


def save_by_torch(folder: Path) -> None:
    torch.save({"weight": torch.ones(4)}, folder / "unet" / "model.safetensors")


def empty(folder: Path) -> None:
    (folder / "unet" / "model.safetensors").unlink()


@pytest.mark.parametrize(
    ("hurt", "refusal"),
    [
        (tear, WeightsCorrupt),
        (scribble, WeightsCorrupt),
        (pickle_openly, WeightsUnsafe),
        (pickle_in_disguise, WeightsUnsafe),
        (save_by_torch, WeightsUnsafe),
        (empty, WeightsMissing),
    ],
)
def test_weights_that_are_not_whole_data_are_refused_by_the_setting_to_mend(
    folder: Path, finder: WeightsFinder, hurt: Callable[[Path], None], refusal: type[WeightsRefused]
) -> None:
    hurt(folder)
    with pytest.raises(refusal, match=SETTING):
        finder.find(WeightsSource.of(SETTING, str(folder)))


def test_a_header_whose_length_begins_like_a_pickle_is_let_in(folder: Path, finder: WeightsFinder) -> None:
    header = json.dumps({"weight": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}}).encode().ljust(0x10480)
    weights = folder / "unet" / "model.safetensors"
    weights.write_bytes(len(header).to_bytes(8, "little") + header + bytes(4))
    assert weights.read_bytes().startswith(b"\x80\x04")
    assert load_file(weights)["weight"].shape == (4,)
    assert finder.find(WeightsSource.of(SETTING, str(folder))).path == folder


def test_another_digest_than_the_one_that_was_set_is_refused(folder: Path, finder: WeightsFinder) -> None:
    with pytest.raises(WeightsChanged, match="0000"):
        finder.find(WeightsSource.of(SETTING, f"{folder}#{'0' * 64}"))


@pytest.mark.parametrize("name", ["/nowhere/at/all", "owner/name@main"])
def test_what_is_neither_here_nor_in_the_cache_of_the_hub_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(WeightsMissing, match=SETTING):
        WeightsFinder(tmp_path, is_offline=True).find(WeightsSource.of(SETTING, name))
