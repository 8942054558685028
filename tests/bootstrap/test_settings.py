"""Settings come from the environment or a file, whole or not at all."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bootstrap.embedded import EmbeddedStack
from bootstrap.settings import (
    JobSettings,
    Mode,
    RetentionSettings,
    Settings,
    SettingsInvalid,
    WriterSettings,
    load_settings,
    nested,
)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An environment without one of our variables; answers where the settings file would lie."""
    monkeypatch.setenv("LAB_CONFIG", str(tmp_path / "lab.toml"))
    return tmp_path / "lab.toml"


def test_every_missing_value_is_told_at_once(bare: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings()
    for name in ("LAB_DATABASE__URL", "LAB_REDIS__URL", "LAB_STORAGE__BUCKET", "LAB_ACCOUNTS__SIGNING_KEY"):
        assert f"{name}: Field required" in refused.value.message
    assert "LAB_JOBS__WORKER_TOKEN" in refused.value.message


def test_a_secret_has_no_default_and_must_be_long(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_ACCOUNTS__SIGNING_KEY", "short")
    with pytest.raises(SettingsInvalid, match=r"LAB_ACCOUNTS__SIGNING_KEY: .*at least 32"):
        load_settings()


def test_the_environment_wins_over_the_file(bare: Path, stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch) -> None:
    bare.write_text('log_format = "json"\n[api]\nport = 9999\nhost = "127.0.0.9"\n')
    for name, value in stack.environment().items():
        if name != "LAB_CONFIG":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAB_API__PORT", "8123")
    settings = load_settings()
    assert (settings.api.port, settings.api.host, settings.mode) == (8123, "127.0.0.9", Mode.EMBEDDED)


def test_an_unknown_name_is_a_mistake(bare: Path, stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in stack.environment().items():
        if name != "LAB_CONFIG":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAB_API__PROT", "8000")
    with pytest.raises(SettingsInvalid, match="LAB_API__PROT"):
        load_settings()


def test_settings_are_frozen_and_hide_their_secrets(settings: Settings) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        settings.api.port = 1  # pyright: ignore[reportAttributeAccessIssue] - what must be refused
    assert settings.accounts.signing_key.get_secret_value() not in repr(settings)


def test_a_model_as_writer_needs_its_endpoint(
    bare: Path, stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        if name != "LAB_CONFIG":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAB_WRITER__KIND", "openai")
    monkeypatch.setenv("LAB_WRITER__API_KEY", "sk-secret")
    with pytest.raises(SettingsInvalid, match="needs base_url, model"):
        load_settings()


def test_a_dead_worker_is_missed_sooner_on_one_machine_than_in_production(settings: Settings) -> None:
    production = JobSettings.model_validate({"worker_token": "a token of sixteen letters"})
    assert (settings.jobs.lease_seconds, production.lease_seconds) == (20, 60)


def test_strays_are_older_than_a_report_may_be_late(
    bare: Path, stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment().items():
        if name != "LAB_CONFIG":
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LAB_STORAGE__STRAY_SECONDS", "60")
    monkeypatch.setenv("LAB_JOBS__LEASE_SECONDS", "31")
    with pytest.raises(SettingsInvalid, match="LAB_STORAGE__STRAY_SECONDS is at least twice LAB_JOBS__LEASE_SECONDS"):
        load_settings()
    monkeypatch.setenv("LAB_JOBS__LEASE_SECONDS", "30")
    assert load_settings().storage.stray_seconds == 60


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("LAB_API__TRUSTED_PROXIES", '["10.0.0.1/8"]', r"LAB_API__TRUSTED_PROXIES: .*10\.0\.0\.1/8 is no address"),
        ("LAB_API__TRUSTED_PROXIES", '["caddy"]', "LAB_API__TRUSTED_PROXIES: .*caddy is no address and no network"),
        ("LAB_API__TRUSTED_PROXIES", "10.0.0.0/8", "A list is written in JSON"),
        ("LAB_STORAGE__URL_SECONDS", "302401", "LAB_STORAGE__URL_SECONDS: .*less than or equal to 302400"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_what_could_not_be_kept_is_refused(
    stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    for each, given in stack.environment().items():
        if each != "LAB_CONFIG":
            monkeypatch.setenv(each, given)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=complaint):
        load_settings()


def test_a_list_is_written_in_json_wherever_settings_come_from() -> None:
    read = nested({"LAB_IDENTITY__PROFILES": '["one.json", "two.json"]', "LAB_API__CORS_ORIGINS": "[not a list"})
    assert read == {"identity": {"profiles": ["one.json", "two.json"]}, "api": {"cors_origins": "[not a list"}}


def test_an_environment_that_is_given_counts_alone_with_the_file_that_it_names(
    stack: EmbeddedStack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("lab.toml").write_text('[writer]\nkind = "openai"\n')
    Path("own.toml").write_text('[retention]\njobs_days = 3\n[storage]\nbucket = "of the file"\n')
    monkeypatch.setenv("LAB_WRITER__KIND", "openai")
    monkeypatch.setenv("LAB_RETENTION__EVENTS_DAYS", "5")

    settings = load_settings({**stack.environment(), "LAB_CONFIG": "own.toml", "LAB_METRICS__TOKEN": ""})

    assert (settings.writer, settings.metrics.token) == (WriterSettings(), None)
    assert settings.retention == RetentionSettings(jobs_days=3)
    assert settings.storage.bucket == stack.environment()["LAB_STORAGE__BUCKET"]
    assert Settings.model_validate(nested(stack.environment())).writer == WriterSettings()
