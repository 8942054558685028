"""What the doctor says of the database and of workers for a GPU."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from adapters.identity.embedder import BUILT_IN
from adapters.postgres.database import PostgresDatabase
from bootstrap.cli import migrate_configured
from bootstrap.clock import new_id
from bootstrap.container import Container
from bootstrap.doctor import check_database, check_gpu_worker, check_space, examine, service_checks
from bootstrap.embedded import EmbeddedStack
from bootstrap.engines import TRAINER
from bootstrap.settings import EngineSettings, IdentitySettings, Settings
from bootstrap.vectors import require_vectors
from domain.errors import Unavailable
from domain.jobs.models import Queue
from tests.builders_jobs import Bench, worker


async def test_an_engine_that_is_offered_needs_a_worker_that_was_seen(container: Container, settings: Settings) -> None:
    offering = settings.model_copy(update={"engines": EngineSettings(diffusion=True)})
    assert "not needed" in await check_gpu_worker(settings)
    with pytest.raises(Unavailable, match="diffusion"):
        await check_gpu_worker(offering)
    await Bench(container).claims.see(worker("painter", queue=Queue.GPU, slots=1, engines=("diffusion",)))
    assert await check_gpu_worker(offering) == "1 with the engine diffusion, none that can train adapters"
    engines = ("diffusion", TRAINER)
    await Bench(container).claims.see(worker("teacher", queue=Queue.GPU, slots=1, engines=engines))
    assert await check_gpu_worker(offering) == "2 with the engine diffusion, 1 that can train adapters"


@pytest.mark.parametrize("role", ["lab_app", "lab_system"])
async def test_a_database_that_knows_no_such_user_is_a_finding(settings: Settings, role: str) -> None:
    urls = {"lab_app": settings.database.url, "lab_system": settings.database.system_url}
    wrong = SecretStr(urls[role].get_secret_value().replace(role, "nobody"))
    field = "url" if role == "lab_app" else "system_url"
    changed = settings.model_copy(update={"database": settings.database.model_copy(update={field: wrong})})
    names = {"lab_app": "Database", "lab_system": "Database for jobs"}
    findings = {each.check.name: each for each in await examine(service_checks(changed)[:3])}
    assert not findings.pop(names[role]).is_well
    assert findings[names["lab_system" if role == "lab_app" else "lab_app"]].is_well


async def test_a_pgvector_that_finds_too_little_is_refused_by_doctor_and_migration(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stack: EmbeddedStack
) -> None:
    assert settings.database.owner_url is not None
    owner = settings.database.owner_url.get_secret_value()
    pool = PostgresDatabase(owner, new_id=new_id)
    async with pool.work() as work:
        await work.session.execute(text("update pg_extension set extversion = '0.7.4' where extname = 'vector'"))
    await pool.close()
    for name, value in {**stack.environment(), "LAB_DATABASE__OWNER_URL": owner}.items():
        monkeypatch.setenv(name, value)
    told = r"pgvector 0\.7\.4 is too old; 0\.8 is the oldest"

    with pytest.raises(Unavailable, match=told):
        await check_database(settings.database.url.get_secret_value())
    with pytest.raises(Unavailable, match=told):
        await migrate_configured()


@pytest.mark.parametrize("version", ["0.8", "0.8.0", "0.10.1", "1.0"])
def test_a_newer_pgvector_will_do(version: str) -> None:
    assert require_vectors(version) == version


async def test_a_space_needs_a_profile_that_reads_and_a_worker_that_was_seen(
    container: Container, settings: Settings, tmp_path: Path
) -> None:
    def set_to(*profiles: str) -> Settings:
        return settings.model_copy(update={"identity": IdentitySettings(profiles=profiles)})

    assert await check_space(settings) == "built in"
    measured = tmp_path / "faces.json"
    measured.write_text(json.dumps({**json.loads(BUILT_IN.read_text()), "space": "faces", "version": 2}))
    with pytest.raises(Unavailable, match="No worker with the engine faces@2"):
        await check_space(set_to(str(measured)))
    await Bench(container).claims.see(worker("reader", queue=Queue.GPU, slots=1, engines=("faces@2",)))
    assert await check_space(set_to(str(measured))) == "1 with the engine faces@2"
    measured.write_text('{"space": "faces"}')
    with pytest.raises(Unavailable, match="LAB_IDENTITY__PROFILES names a file that is no profile"):
        await check_space(set_to(str(measured)))
