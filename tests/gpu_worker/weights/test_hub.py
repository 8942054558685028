"""What is fetched of a repository of the hub, by the hub's own client from a hub on this machine."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator
from functools import partial
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.gpu_worker.tiny_models import TinyModels

REVISION = "0123456789abcdef0123456789abcdef01234567"
FIND = """
import sys
from pathlib import Path
from gpu_worker.weights.source import WeightsFinder, WeightsSource
name, is_offline, *parts = sys.argv[1:]
source = WeightsSource.of("LAB_DIFFUSION_KEYFRAME_WEIGHTS", name, parts=tuple(parts))
found = WeightsFinder(Path("digests"), is_offline=is_offline == "offline").find(source)
print(found.digest, found.path)
print(*sorted(path.relative_to(found.path).as_posix() for path in found.path.rglob("*") if path.is_file()))
"""


class Hub(BaseHTTPRequestHandler):
    """Answers what the client asks of one repository, whose files lie in a folder."""

    def __init__(self, folder: Path, *arguments: object) -> None:
        self._folder = folder
        super().__init__(*arguments)  # pyright: ignore[reportArgumentType] - the server's own three

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as it is called there
        """Say nothing."""

    def _answer(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/") and "/tree/" in path:
            self._send(json.dumps([self._entry(each) for each in self._files()]).encode())
        elif path.startswith("/api/"):
            self._send(json.dumps({"id": "owner/name", "sha": REVISION}).encode())
        else:
            file = self._folder / path.split("/", 5)[-1]
            if file.is_file():
                self._send(file.read_bytes())
            else:
                self._send(b"", HTTPStatus.NOT_FOUND, {"X-Error-Code": "EntryNotFound"})

    def _files(self) -> list[Path]:
        return [path for path in self._folder.rglob("*") if path.is_file()]

    def _entry(self, file: Path) -> dict[str, object]:
        content = file.read_bytes()
        name = file.relative_to(self._folder).as_posix()
        return {"type": "file", "path": name, "size": len(content), "oid": sha256(content).hexdigest()}

    def _send(self, content: bytes, status: HTTPStatus = HTTPStatus.OK, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        about = {"X-Repo-Commit": REVISION, "ETag": f'"{sha256(content).hexdigest()}"', **(headers or {})}
        for name, value in {"Content-Length": str(len(content)), "Content-Type": "application/json", **about}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return tmp_path / "repository"


@pytest.fixture
def hub(repository: Path) -> Generator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Hub, repository)) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


def found(hub: str, folder: Path, *wanted: str) -> set[str]:
    """What is there after a process of its own, which reads at its start where the hub is, has looked for weights."""
    return set(told(hub, folder, *wanted).splitlines()[1].split())


def told(hub: str, folder: Path, *wanted: str) -> str:
    """Digest and folder of the weights; in the next line what is there."""
    environment = {**os.environ, "HF_ENDPOINT": hub, "HF_HUB_CACHE": str(folder / "cache"), "HF_HUB_DISABLE_XET": "1"}
    command = [sys.executable, "-c", FIND, "owner/name", *wanted]
    looked = subprocess.run(  # noqa: S603 - a command of ours, without a shell
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert looked.returncode == 0, looked.stderr
    return looked.stdout


@pytest.mark.parametrize("name", ["flux2_klein", "stable_diffusion_xl", "wan"])
def test_a_pipeline_is_fetched_whole_and_nothing_beside_it(
    tiny_models: TinyModels, repository: Path, hub: str, tmp_path: Path, name: str
) -> None:
    shutil.copytree(tiny_models.folder(name), repository)
    files = {path.relative_to(repository).as_posix() for path in repository.rglob("*") if path.is_file()}
    (repository / "all-in-one.safetensors").write_bytes(b"the same once more, for other programs")
    for weights in list(repository.glob("*/*.safetensors")):
        shutil.copy(weights, weights.with_suffix(".fp16.safetensors"))
        weights.with_suffix(".bin").write_bytes(b"a pickle")
    assert found(hub, tmp_path, "online") == files
    shutil.rmtree(repository)
    assert found(hub, tmp_path, "offline") == files


def test_of_a_repository_of_many_adapters_the_one_that_is_set_is_fetched(
    tiny_models: TinyModels, repository: Path, hub: str, tmp_path: Path
) -> None:
    encoder = tiny_models.folder("clip")
    shutil.copytree(encoder, repository / "models" / "image_encoder")
    for name in ("one", "other"):
        shutil.copy(encoder / "model.safetensors", repository / "models" / f"{name}.safetensors")
    (repository / "models" / "image_encoder" / "pytorch_model.bin").write_bytes(b"a pickle")
    one, other, image_encoder = "./models/one.safetensors", "models/other.safetensors", "models/image_encoder/"
    there = found(hub, tmp_path, "online", one, image_encoder)
    assert {"models/one.safetensors", "models/image_encoder/model.safetensors"} <= there
    assert other not in there
    only, _ = told(hub, tmp_path, "offline", one).splitlines()
    assert told(hub, tmp_path, "online", other).splitlines()[0].split()[0] != only.split()[0]
    assert told(hub, tmp_path, "offline", one).splitlines()[0] == only


def test_a_model_that_is_no_pipeline_is_fetched_whole(
    tiny_models: TinyModels, repository: Path, hub: str, tmp_path: Path
) -> None:
    shutil.copytree(tiny_models.folder("clip"), repository)
    (repository / "pytorch_model.bin").write_bytes(b"a pickle")
    files = {path.name for path in tiny_models.folder("clip").iterdir()}
    assert found(hub, tmp_path, "online") == files


def test_what_other_programs_have_fetched_of_a_repository_is_neither_refused_nor_counted(
    tiny_models: TinyModels, repository: Path, hub: str, tmp_path: Path
) -> None:
    shutil.copytree(tiny_models.folder("clip"), repository)
    digest, folder = told(hub, tmp_path, "online").splitlines()[0].split()
    (Path(folder) / "pytorch_model.bin").write_bytes(b"a pickle")
    shutil.copy(Path(folder) / "model.safetensors", Path(folder) / "model.fp16.safetensors")
    assert told(hub, tmp_path, "offline").splitlines()[0].split() == [digest, folder]
