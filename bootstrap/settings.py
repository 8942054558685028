"""Settings: frozen, nested, from the environment (`LAB_...`) or a TOML file; every missing value is told at once.

`LAB_DATABASE__URL` sets `database.url`. The file is `lab.toml`, or what `LAB_CONFIG` names. No secret has a default:
the embedded stack makes its own and keeps them in `.lab/`; production must give them.
"""

import json
import os
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_network
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from domain.errors import Invalid

LOOPBACK = ("127.0.0.1", "::1")


class Mode(StrEnum):
    """Where the lab runs: on its own wheels on one machine, or on services that the operator gives."""

    EMBEDDED = "embedded"
    PRODUCTION = "production"


class Section(BaseModel):
    """A frozen group of settings; an unknown name is a mistake, not a wish."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(Section):
    """PostgreSQL: `url` as the application's role, `system_url` as the jobs' role, `owner_url` for migrations.

    A statement without an answer after `answer_seconds` is given up as if the connection had been lost.
    """

    url: SecretStr
    system_url: SecretStr
    owner_url: SecretStr | None = None
    pool_size: int = Field(default=10, ge=1, le=200)
    answer_seconds: float = Field(default=30.0, ge=1, le=600)


class RedisSettings(Section):
    """Redis or Valkey; losing it loses nothing but time."""

    url: SecretStr


class StorageSettings(Section):
    """Any S3; `public_endpoint_url` is where clients reach it, when that differs.

    The bucket belongs to one lab alone: what nothing in its database owns is deleted once it is `stray_seconds` old.
    """

    endpoint_url: str
    public_endpoint_url: str | None = None
    bucket: str
    region: str = "us-east-1"
    access_key_id: SecretStr
    secret_access_key: SecretStr
    # A URL is signed for twice as long, and for seven days at most.
    url_seconds: int = Field(default=3600, ge=60, le=302_400)
    stray_seconds: float = Field(default=86_400.0, ge=2, le=31_536_000)

    @property
    def public_origin(self) -> str:
        """Scheme, host and port of where clients reach it."""
        parts = urlsplit(self.public_endpoint_url or self.endpoint_url)
        return f"{parts.scheme}://{parts.netloc}"


class ApiSettings(Section):
    """The GraphQL server.

    Of `trusted_proxies`, addresses and networks, the headers X-Forwarded-For and X-Forwarded-Proto are believed; of
    anybody else they are not. Behind a proxy that is not in it all clients share one address and its limits.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    cors_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = LOOPBACK

    @field_validator("trusted_proxies")
    @classmethod
    def require_networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        """The server takes what it cannot read for a name, which no caller ever has."""
        for each in given:
            try:
                ip_network(each)
            except ValueError:
                raise ValueError(f"{each} is no address and no network such as 10.0.0.0/8") from None
        return given


class AccountSettings(Section):
    """Tokens: `signing_key` has at least 32 bytes; to rotate it, keep the old one an hour as a retired key."""

    signing_key: SecretStr = Field(min_length=32)
    retired_signing_keys: tuple[SecretStr, ...] = ()
    access_minutes: int = Field(default=15, ge=1, le=60)
    refresh_days: int = Field(default=30, ge=1, le=365)


class JobSettings(Section):
    """Background work: the control application for workers, leases and concurrency.

    A delivery that nobody takes is made again after `delivery_seconds`; workers ask by themselves long before, those of
    the jobs process every `ask_seconds`. With `own_delivery` = `asking` the jobs process takes its own jobs from the
    queue whenever it is rung; with `hints` they are dispatched and told of through ARQ, as those of workers are. It
    takes as many more than its `concurrency` as it does in `ahead_seconds`, by what the last ones took; 0 is none. The
    first retry waits up to `retry_first_seconds`, each later one twice that.
    """

    control_host: str = "127.0.0.1"
    control_port: int = Field(default=8001, ge=0, le=65535)
    worker_token: SecretStr = Field(min_length=16)
    lease_seconds: float = Field(default=60.0, ge=1, le=600)
    tick_seconds: float = Field(default=1.0, ge=0.05, le=60)
    delivery_seconds: float = Field(default=15.0, ge=0.1, le=3600)
    own_delivery: Literal["asking", "hints"] = "asking"
    ask_seconds: float = Field(default=1.0, ge=0.05, le=60)
    ahead_seconds: float = Field(default=0.02, ge=0, le=10)
    retry_first_seconds: float = Field(default=5.0, gt=0, le=600)
    concurrency: int = Field(default=4, ge=1, le=64)
    drain_seconds: float = Field(default=20.0, ge=0, le=3600)


class EngineSettings(Section):
    """Which engines there are workers for, beside the one for a CPU: `diffusion` films and trains on a GPU.

    `diffusion_revision` is the operator's name for the models that its workers have: with another one nothing that was
    made before is taken for what is ordered.
    """

    diffusion: bool = False
    diffusion_revision: str = Field(default="", max_length=60)


class IdentitySettings(Section):
    """By which embedding spaces of GPU workers characters are known, beside the built-in one.

    `profiles` are files that `python -m gpu_worker.embedding.measure` has written, one a space. Every character is
    embedded in the first; the others are spaces that served before, still needed by renders that were ordered in them.
    """

    profiles: tuple[str, ...] = ()


class RetentionSettings(Section):
    """How long what nobody needs is kept; a cursor into a workspace's feed is good for `jobs_days` at least."""

    jobs_days: int = Field(default=14, ge=1, le=3650)
    events_days: int = Field(default=90, ge=1, le=3650)


class MetricsSettings(Section):
    """`/metrics`: without a token the API answers only direct callers on its machine, the jobs process its own network.

    `lab_workers_wanted` is how many workers would do all the work of a queue within `target_wait_seconds`.
    """

    token: SecretStr | None = Field(default=None, min_length=16)
    target_wait_seconds: float = Field(default=120.0, gt=0, le=86_400)


class WriterSettings(Section):
    """Who writes storyboards: the built-in writer, or a model behind an OpenAI-compatible endpoint."""

    kind: Literal["builtin", "openai"] = "builtin"
    base_url: str | None = None
    api_key: SecretStr | None = None
    model: str | None = None
    timeout_seconds: float = Field(default=120.0, gt=0, le=3600)

    @model_validator(mode="after")
    def require_endpoint(self) -> "WriterSettings":
        """A model has no default: names come and go, and a guess would cost somebody money."""
        needed = {"base_url": self.base_url, "api_key": self.api_key, "model": self.model}
        missing = [name for name, value in needed.items() if not value]
        if self.kind == "openai" and missing:
            raise ValueError(f"the writer `openai` needs {', '.join(missing)}")
        return self


class Settings(BaseSettings):
    """Everything that an operator may set; made of what it is given alone, which `load_settings` reads."""

    model_config = SettingsConfigDict(
        env_prefix="LAB_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    mode: Mode = Mode.PRODUCTION
    log_format: Literal["json", "text"] = "json"
    database: DatabaseSettings
    redis: RedisSettings
    storage: StorageSettings
    api: ApiSettings = ApiSettings()
    accounts: AccountSettings
    jobs: JobSettings
    engines: EngineSettings = EngineSettings()
    identity: IdentitySettings = IdentitySettings()
    retention: RetentionSettings = RetentionSettings()
    metrics: MetricsSettings = MetricsSettings()
    writer: WriterSettings = WriterSettings()

    @model_validator(mode="after")
    def keep_what_is_being_put(self) -> "Settings":
        """Outputs that a worker has put wait for its report, which may take as long as its lease."""
        if self.storage.stray_seconds < 2 * self.jobs.lease_seconds:
            raise ValueError("LAB_STORAGE__STRAY_SECONDS is at least twice LAB_JOBS__LEASE_SECONDS")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class SettingsInvalid(Invalid):
    """Settings are missing or wrong; the message names each with the variable that sets it."""


def nested(environment: Mapping[str, str]) -> dict[str, object]:
    """Turn `LAB_A__B=c` into {"a": {"b": "c"}}, and a list in JSON into a list."""
    values: dict[str, object] = {}
    sections: dict[str, dict[str, object]] = {}
    for name, value in environment.items():
        section, _, field = name.removeprefix("LAB_").lower().partition("__")
        if field:
            sections.setdefault(section, {})[field] = listed(value)
        elif section in Settings.model_fields:
            values[section] = value
    return values | sections


def listed(value: str) -> object:
    """Read a list in JSON; anything else stays as it is, and is complained of where a list is wanted."""
    try:
        return json.loads(value) if value.startswith("[") else value
    except ValueError:
        return value


def variables_of(location: tuple[int | str, ...]) -> list[str]:
    """Name the variables behind a complaint; a whole section that is missing stands for its required values."""
    name = "LAB_" + "__".join(str(part).upper() for part in location)
    field = Settings.model_fields.get(str(location[0])) if len(location) == 1 else None
    section = field.annotation if field else None
    if not (isinstance(section, type) and issubclass(section, Section)):
        return [name]
    required = [part for part, info in section.model_fields.items() if info.is_required()]
    return [f"{name}__{part.upper()}" for part in required] or [name]


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the process's environment, or the one that is given alone, and the file that it names.

    Raises SettingsInvalid with every missing or wrong value, one a line.
    """
    given = {"LAB_CONFIG": "lab.toml", **os.environ} if environment is None else environment
    variables = EnvSettingsSource(Settings)
    # Container files hand on what is not set as an empty text.
    variables.env_vars = {name.lower(): value for name, value in given.items() if value}
    file = TomlConfigSettingsSource(Settings, given.get("LAB_CONFIG"))
    try:
        return Settings(_build_sources=((variables, file), {}))  # pyright: ignore[reportCallIssue] - these have the values
    except ValidationError as refused:
        complaints = refused.errors(include_url=False, include_input=False)
        lines = [f"  {name}: {each['msg']}" for each in complaints for name in variables_of(each["loc"])]
        raise SettingsInvalid("Settings are missing or wrong:\n" + "\n".join(sorted(lines))) from None
    except SettingsError as refused:
        raise SettingsInvalid(f'A list is written in JSON, such as ["one", "two"]: {refused}.') from None
