"""docker-compose.yml obeys the specification, keeps no secret, and starts what was tried by hand."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from bootstrap.settings import LOOPBACK, WriterSettings, load_settings

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


def test_what_may_be_left_out_is_told_of_and_counts_as_absent_when_empty(
    compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: Mapping[str, str] = compose["services"]["api"]["environment"]
    optional = {name for name, value in given.items() if str(value) == f"${{{name}:-}}"}
    assert optional == set(re.findall(r"^# (LAB_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
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
