"""docker-compose.yml obeys the specification, keeps no secret, and starts what was tried by hand."""

import ast
import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bootstrap.settings import LOOPBACK, WriterSettings, load_settings
from gpu_worker.settings import WorkerSettings

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_it_obeys_the_compose_specification(compose: dict[str, Any], data: Path) -> None:
    schema = json.loads((data / "compose" / "compose-spec.json").read_text())
    Draft7Validator.check_schema(schema)
    assert [error.message for error in Draft7Validator(schema).iter_errors(compose)] == []


def test_the_schema_would_refuse_a_mistake(compose: dict[str, Any], data: Path) -> None:
    schema = json.loads((data / "compose" / "compose-spec.json").read_text())
    services: Mapping[str, Any] = compose["services"]
    broken = compose | {"services": {**services, "api": {**services["api"], "comand": ["x"]}}}
    assert list(Draft7Validator(schema).iter_errors(broken))


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    for name in re.findall(r"\$\{(\w*(?:PASSWORD|KEY|TOKEN|USER)(?![A-Z])\w*)([^}]*)\}", text):
        assert name[1].startswith(":?") or name[1] == ":-", f"{name[0]} is given or absent, never defaulted"
    assert not re.search(r"(?i)\w*(password|secret|token|_key)\w*: +[\"']?[a-z0-9]+[\"']?$", text, re.MULTILINE)


def test_the_example_of_the_environment_names_what_must_be_given_and_gives_nothing() -> None:
    needed = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    assert {line.partition("=")[0] for line in lines} == needed
    assert all(line.endswith("=") for line in lines)


def optional_names(compose: dict[str, Any]) -> set[str]:
    """Names that may be left out: those with another value or an empty one in that case, and those that stand alone."""
    given = [service.get("environment", {}) for service in compose["services"].values()]
    alone = {name for environment in given for name, value in environment.items() if value is None}
    return alone | set(re.findall(r"\$\{(\w+):-", (ROOT / "docker-compose.yml").read_text()))


# What is the same in every container, whoever runs the lab.
FIXED = {
    "LAB_API__PORT",
    "LAB_DATABASE__OWNER_URL",
    "LAB_DATABASE__SYSTEM_URL",
    "LAB_DATABASE__URL",
    "LAB_WORKER_CONTROL_URL",
    "LAB_WORKER_QUEUE",
}


def test_every_setting_that_the_documents_name_reaches_its_containers(compose: dict[str, Any]) -> None:
    documents = [ROOT / "README.md", ROOT / ".env.example", *(ROOT / "docs").rglob("*.md")]
    pattern = r"\bLAB_(?:[A-Z]+__|WORKER_|DIFFUSION_|TRAINING_|EMBEDDING_)[A-Z_]*[A-Z]\b"
    named = {name for document in documents for name in re.findall(pattern, document.read_text())} - FIXED
    services: Mapping[str, Any] = compose["services"]
    for name in named:
        readers = ("api", "jobs", "migrate") if "__" in name else ("gpu-worker",)
        for reader in readers:
            environment = services[reader]["environment"]
            assert name in environment, f"{reader} is not told {name}"
            assert environment[name] is None or f"${{{name}:" in environment[name], f"{reader} has {name} of its own"
    assert len(named) > 30


def test_what_a_worker_is_not_told_has_its_default(compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given: Mapping[str, str] = compose["services"]["cpu-worker"]["environment"]
    for name, value in given.items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+(?::-([^}]*)|[^}]*)\}", lambda found: found[1] or "", value))
    monkeypatch.setenv("LAB_WORKER_TOKEN", "x" * 32)
    settings = WorkerSettings()  # pyright: ignore[reportCallIssue] - the values come from the environment
    assert (settings.batch, settings.health_port, settings.stall_seconds, settings.drain_seconds) == (
        None,
        None,
        120,
        30,
    )


def test_what_may_be_left_out_is_told_of_and_counts_as_absent_when_empty(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: Mapping[str, str] = compose["services"]["api"]["environment"]
    told = set(re.findall(r"^# (LAB_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert told == optional_names(compose)
    monkeypatch.setenv("LAB_CONFIG", str(tmp_path / "lab.toml"))
    for name, value in given.items():
        filled = re.sub(
            r"\$\{\w+(?::-([^}]*)|[^}]*)\}", lambda found: found[1] if found[1] is not None else "x" * 32, value
        )
        monkeypatch.setenv(name, filled)
    settings = load_settings()
    assert (settings.api.trusted_proxies, settings.metrics.token, settings.writer) == (LOOPBACK, None, WriterSettings())
    monkeypatch.setenv("LAB_API__TRUSTED_PROXIES", '["172.16.0.0/12"]')
    assert load_settings().api.trusted_proxies == ("172.16.0.0/12",)


def test_a_file_of_settings_may_lie_in_a_folder_of_the_host(compose: dict[str, Any]) -> None:
    for name in ("api", "jobs", "migrate"):
        service = compose["services"][name]
        assert service["environment"]["LAB_CONFIG"] == "/config/lab.toml"
        assert "./config:/config:ro" in service["volumes"]


def test_the_database_counts_as_up_when_its_own_server_answers(compose: dict[str, Any]) -> None:
    # The image first starts one for its preparations, which listens on a socket alone.
    assert "--host 127.0.0.1" in compose["services"]["postgres"]["healthcheck"]["test"][1]


def test_every_dependency_exists_and_is_waited_for(compose: dict[str, Any]) -> None:
    services: Mapping[str, Any] = compose["services"]
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            condition = how["condition"]
            assert needed in services, f"{name} waits for {needed}"
            assert condition != "service_healthy" or "healthcheck" in services[needed]


def test_the_lab_containers_run_the_commands_of_the_embedded_stack(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert services["migrate"]["command"] == ["lab", "migrate"]
    assert services["api"]["command"] == ["python", "-m", "api"]
    assert services["jobs"]["command"] == ["python", "-m", "jobs"]
    assert services["cpu-worker"]["command"] == services["gpu-worker"]["command"] == ["python", "-m", "gpu_worker"]


def test_images_copy_only_what_exists() -> None:
    for dockerfile in (ROOT / "docker").glob("*Dockerfile"):
        for line in dockerfile.read_text().splitlines():
            if line.startswith("COPY "):
                for source in line.split()[1:-1]:
                    assert (ROOT / source).exists(), f"{dockerfile.name} copies {source}"


def packages() -> set[str]:
    """The packages that are ours, by what is installed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}


def copied_into(dockerfile: str, stage: str) -> set[str]:
    """The packages of ours that a stage of a file copies; a file without names has one stage."""
    stages: dict[str, set[str]] = {}
    copied: set[str] = set()
    for line in (ROOT / "docker" / dockerfile).read_text().splitlines():
        words = line.split()
        if words[:1] == ["FROM"]:
            copied = stages.setdefault(words[3] if len(words) > 3 else "", set())
        elif words[:1] == ["COPY"]:
            copied.update(words[1:-1])
    return stages[stage] & packages()


def imported_by(package: str) -> set[str]:
    """The packages of ours that any file of a package imports, wherever in the file."""
    found: set[str] = set()
    for path in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found.update(name.name.partition(".")[0] for name in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found & packages()


@pytest.mark.parametrize(
    ("dockerfile", "stage", "run"),
    [
        ("Dockerfile", "lab", {"bootstrap", "api", "jobs", "migrations"}),
        ("Dockerfile", "cpu-worker", {"gpu_worker"}),
        ("gpu.Dockerfile", "", {"gpu_worker"}),
    ],
)
def test_an_image_holds_every_package_that_its_programs_import(dockerfile: str, stage: str, run: set[str]) -> None:
    copied = copied_into(dockerfile, stage)
    assert run <= copied
    for package in copied:
        assert imported_by(package) <= copied, f"{package} imports what {dockerfile} does not copy"


def test_the_image_of_the_lab_holds_all_that_is_installed() -> None:
    assert copied_into("Dockerfile", "lab") == packages()
