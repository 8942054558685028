"""What is missing or unreachable, setting by setting, with the mend."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import av
from redis.asyncio import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from adapters.identity.embedder import OnnxEmbedder
from adapters.postgres.database import PostgresDatabase
from adapters.postgres.feed_rebase import check_feed
from adapters.postgres.migrations import current_revision, newest_revision
from adapters.s3.store import open_store
from bootstrap.bucket import check_bucket
from bootstrap.clock import new_id
from bootstrap.engines import DIFFUSION, TRAINER
from bootstrap.identity import profile_in
from bootstrap.settings import Settings, WriterSettings
from bootstrap.storage import storage_place
from bootstrap.vectors import require_vectors
from bootstrap.writing import make_model_writer
from domain.errors import LabError, Unavailable

CHECK_SECONDS = 15.0
DISK_FREE_BYTES_MIN = 2_000_000_000
POSTGRES_MIN, REDIS_MIN = 15, (6, 2)
SEEN_GPU_WORKERS = text(
    "select count(*) from workers where :engine = any(engines) and last_seen_at > now() - cast(:since as interval)"
)
WORKER_SEEN = timedelta(minutes=5)
SPACE_MEND = (
    "Write the file by `python -m gpu_worker.embedding.measure`, start a GPU worker with the engine "
    "gpu_worker.embedding.engine:EmbeddingEngine and its LAB_EMBEDDING_SPACE, or empty the setting."
)
BUCKET_MEND = (
    "Restore the database that belongs to the bucket, or set LAB_STORAGE__BUCKET to this lab's own. Only where the "
    "bucket is to be this lab's: `lab storage adopt`. Until then no strays in it are deleted."
)
WORKER_MEND = (
    "Start `python -m gpu_worker` with LAB_WORKER_QUEUE=gpu, see what `python -m gpu_worker.doctor` says there, or set "
    "LAB_ENGINES__DIFFUSION=false."
)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold: which settings it hangs on, and what to do when it does not."""

    name: str
    settings: str
    mend: str
    run: Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `detail` is a version or the complaint."""

    check: Check
    is_well: bool
    detail: str


async def examine(checks: Sequence[Check]) -> list[Finding]:
    """Run every check, each within its time; a failing one does not stop the others."""
    return [await examine_one(check) for check in checks]


async def examine_one(check: Check) -> Finding:
    try:
        detail = await asyncio.wait_for(check.run(), CHECK_SECONDS)
    except (LabError, RedisError, OSError, TimeoutError, ValueError) as trouble:
        return Finding(check, is_well=False, detail=str(trouble) or "No answer in time.")
    except DBAPIError as refused:
        # What the server says: of a password, a database or a role that it does not have.
        return Finding(check, is_well=False, detail=str(refused.orig))
    except SQLAlchemyError as refused:
        return Finding(check, is_well=False, detail=str(refused))
    return Finding(check, is_well=True, detail=detail)


def machine_checks(folder: Path) -> list[Check]:
    """What every machine needs, whatever the settings."""
    return [
        Check("Disk", "--folder", "Free some space, or put the folder on another disk.", partial(check_disk, folder)),
        Check("Video encoder", "", "Run `make setup` again: the locked PyAV wheel has it.", check_encoder),
        Check("Embedder", "", "Take the weights from the repository again.", check_embedder),
    ]


async def check_disk(folder: Path) -> str:
    free = await asyncio.to_thread(lambda: shutil.disk_usage(folder if folder.exists() else Path.cwd()).free)
    if free < DISK_FREE_BYTES_MIN:
        raise Unavailable(f"{free / 1e9:.1f} GB free.")
    return f"{free / 1e9:.0f} GB free"


async def check_encoder() -> str:
    if "libx264" not in av.codecs_available:
        raise Unavailable("PyAV has no libx264.")
    return f"PyAV {av.__version__} with libx264"


async def check_embedder() -> str:
    space = OnnxEmbedder().space
    return f"{space.name}, {space.dimensions} numbers"


def service_checks(settings: Settings) -> list[Check]:
    """What the settings promise: every service answers and is fit for use."""
    url = settings.database.url.get_secret_value()
    given = [
        (
            "Database",
            "LAB_DATABASE__URL",
            "Start PostgreSQL 15 or newer with pgvector 0.8 or newer, or mend the URL.",
            check_database,
            url,
        ),
        (
            "Database for jobs",
            "LAB_DATABASE__SYSTEM_URL",
            "Mend the URL or the role's password: jobs and sweeps work as this role.",
            check_database,
            settings.database.system_url.get_secret_value(),
        ),
        ("Schema", "LAB_DATABASE__OWNER_URL", "Run `lab migrate` as the database's owner.", check_schema, url),
        (
            "Feed",
            "LAB_DATABASE__OWNER_URL",
            "Run `lab migrate`: it tells the events anew under this cluster's transactions.",
            check_feed,
            settings.database.system_url.get_secret_value(),
        ),
        (
            "Redis",
            "LAB_REDIS__URL",
            "Start Redis 6.2 or newer or Valkey, or mend the URL.",
            check_redis,
            settings.redis.url.get_secret_value(),
        ),
    ]
    checks = [Check(name, names, mend, partial(run, argument)) for name, names, mend, run, argument in given]
    mend = "Start the S3 server, make the bucket, or mend the keys."
    writer_mend = "Choose a model that the endpoint lists, mend the URL or the key, or set LAB_WRITER__KIND=builtin."
    return [
        *checks,
        Check("Storage", "LAB_STORAGE__ENDPOINT_URL", mend, partial(check_storage, settings)),
        Check("Bucket", "LAB_STORAGE__BUCKET", BUCKET_MEND, partial(check_bucket, settings)),
        Check("Writer", "LAB_WRITER__MODEL", writer_mend, partial(check_writer, settings.writer)),
        Check("GPU worker", "LAB_ENGINES__DIFFUSION", WORKER_MEND, partial(check_gpu_worker, settings)),
        Check("Embedding space", "LAB_IDENTITY__PROFILES", SPACE_MEND, partial(check_space, settings)),
    ]


async def check_database(url: str) -> str:
    pool = PostgresDatabase(url, new_id=new_id, pool_size=1)
    try:
        async with pool.work() as work:
            server = await work.session.scalar(text("show server_version"))
            number = int(await work.session.scalar(text("show server_version_num")) or 0)
            vectors = await work.session.scalar(text("select extversion from pg_extension where extname='vector'"))
    finally:
        await pool.close()
    if number < POSTGRES_MIN * 10_000:
        raise Unavailable(f"PostgreSQL {server} is too old; {POSTGRES_MIN} is the oldest that will do.")
    return f"PostgreSQL {server}, pgvector {require_vectors(vectors)}"


async def check_schema(url: str) -> str:
    found = await current_revision(url)
    if found != newest_revision():
        raise Unavailable(f"At revision {found}, the newest is {newest_revision()}.")
    return f"revision {found}"


async def check_redis(url: str) -> str:
    client = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
    try:
        version = str((await client.info("server"))["redis_version"])
    finally:
        await client.aclose()
    if tuple(int(part) for part in version.split(".")[:2]) < REDIS_MIN:
        raise Unavailable(f"Version {version} is too old; {'.'.join(map(str, REDIS_MIN))} is the oldest that will do.")
    return f"version {version}"


async def check_storage(settings: Settings) -> str:
    async with open_store(storage_place(settings.storage)) as store:
        await store.check()
    return settings.storage.endpoint_url


async def check_writer(settings: WriterSettings) -> str:
    writer = make_model_writer(settings)
    if writer is None:
        return "built in"
    await writer.check()
    return f"{settings.model} is listed"


async def check_gpu_worker(settings: Settings) -> str:
    """Whether somebody films what can be ordered; a lab that offers no engine for a GPU needs nobody."""
    if not settings.engines.diffusion:
        return "not needed: no engine for a GPU is offered"
    trainers = await seen_workers(settings, TRAINER)
    return f"{await check_worker(settings, DIFFUSION.name)}, {trainers or 'none'} that can train adapters"


async def check_space(settings: Settings) -> str:
    """Whether the profiles can be read, and somebody embeds in the first space; the built-in one needs nobody."""
    spaces = [profile_in(Path(path)).space for path in settings.identity.profiles]
    return await check_worker(settings, spaces[0].key) if spaces else "built in"


async def check_worker(settings: Settings, engine: str) -> str:
    seen = await seen_workers(settings, engine)
    if not seen:
        raise Unavailable(f"No worker with the engine {engine} asked for work in the last 5 minutes.")
    return f"{seen} with the engine {engine}"


async def seen_workers(settings: Settings, engine: str) -> int:
    pool = PostgresDatabase(settings.database.system_url.get_secret_value(), new_id=new_id, pool_size=1)
    try:
        async with pool.work() as work:
            return await work.session.scalar(SEEN_GPU_WORKERS, {"engine": engine, "since": WORKER_SEEN}) or 0
    finally:
        await pool.close()


def show(findings: Sequence[Finding], console: Console) -> None:
    table = Table(title="lab doctor", title_justify="left", box=None, pad_edge=False)
    for column in ("", "what", "settings", "found"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        mark = "[green]ok[/]" if finding.is_well else "[red]no[/]"
        table.add_row(mark, finding.check.name, finding.check.settings, finding.detail)
    console.print(table)
    for finding in findings:
        if not finding.is_well:
            console.print(f"[red]{finding.check.name}[/]: {finding.check.mend}")
