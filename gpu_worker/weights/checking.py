"""Only data is let in: safetensors that are whole, and never a pickle, whatever it is called.

The format of safetensors: eight bytes with the header's length, little-endian, the header as JSON with each tensor's
`data_offsets`, then the tensors; https://huggingface.co/docs/safetensors. The digest of files in a folder is the
SHA-256 over their paths and SHA-256s, sorted by path.
"""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from gpu_worker.weights.errors import WeightsCorrupt, WeightsMissing, WeightsUnsafe

PICKLES = frozenset({".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"})
PICKLE_OPCODE = b"\x80"  # PROTO, which begins every pickle since protocol 2
HEADER_BYTES_MAX = 100_000_000


def check_files(folder: Path, files: Iterable[Path], setting: str) -> None:
    """Raise WeightsRefused unless each of the folder's `files` with weights is whole safetensors, and there is one."""
    if not folder.is_dir():
        raise WeightsMissing(setting, f"there is no folder {folder}.")
    weights = 0
    for path in files:
        if path.suffix.lower() in PICKLES:
            raise WeightsUnsafe(setting, f"{path} may be a pickle; only safetensors are loaded.")
        if path.suffix == ".safetensors":
            check_file(path, setting)
            weights += 1
    if not weights:
        raise WeightsMissing(setting, f"{folder} holds no safetensors.")


def check_file(path: Path, setting: str) -> None:
    """Raise WeightsRefused unless the file is whole safetensors; only its header is read."""
    if not path.is_file():
        raise WeightsMissing(setting, f"there is no file {path}.")
    with path.open("rb") as file:
        begun = file.read(8)
        length = int.from_bytes(begun, "little")
        is_too_long = len(begun) < 8 or length > min(HEADER_BYTES_MAX, path.stat().st_size - 8)
        # A header of 66,688 bytes begins like a pickle, too.
        is_pickle = is_too_long and begun.startswith(PICKLE_OPCODE) and begun[1:2] <= b"\x05"
        if is_pickle or zipfile.is_zipfile(path):
            raise WeightsUnsafe(setting, f"{path} is a pickle; only safetensors are loaded.")
        if is_too_long:
            raise WeightsCorrupt(setting, f"{path} is no safetensors file, or not all of it.")
        header = file.read(length)
    try:
        ends = [int(each["data_offsets"][1]) for name, each in json.loads(header).items() if name != "__metadata__"]
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise WeightsCorrupt(setting, f"{path} has a header that cannot be read.") from None
    if path.stat().st_size != 8 + length + max(ends, default=0):
        raise WeightsCorrupt(setting, f"{path} is not all there.")


def shape_in(path: Path, tensor: str, setting: str) -> Sequence[int] | None:
    """Answer the shape of that tensor, by the header alone, None where there is none; raises as `check_file`."""
    check_file(path, setting)
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return header[tensor]["shape"] if tensor in header else None


def digest_of_files(folder: Path, files: Iterable[Path]) -> str:
    """Answer the digest of files below the folder; reads every byte."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(folder).as_posix()}\0{digest_of_file(path)}\n".encode())
    return whole.hexdigest()


def digest_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> Sequence[Path]:
    """Every file below the folder but hidden ones, in the order of their paths."""
    shown = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in shown if not any(part.startswith(".") for part in path.relative_to(folder).parts))
