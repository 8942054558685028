"""A bucket of a test's own, what lies in it, and worker outputs put there."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256

from bootstrap.clock import new_id
from bootstrap.container import Container
from bootstrap.embedded import EmbeddedStack
from bootstrap.settings import Settings
from domain.identifiers import ObjectId
from domain.jobs.models import ClaimedJob
from domain.media.models import Content, StoredObject
from domain.media.policies import KEY_PREFIXES
from domain.media.ties import adopt_bucket
from domain.media.use_cases import sweep_strays
from jobs.desk import output_key


def with_own_bucket(settings: Settings, stack: EmbeddedStack) -> Settings:
    """The same settings with an empty bucket that nobody else's sweep or count sees."""
    bucket = f"test-{new_id().hex}"
    (stack.folder / "storage" / bucket).mkdir()
    storage = settings.storage.model_copy(update={"bucket": bucket})
    return settings.model_copy(update={"storage": storage})


async def keys_in_bucket(container: Container) -> list[str]:
    pages = [page for prefix in KEY_PREFIXES async for page in container.store.list_pages(prefix)]
    return [file.key for page in pages for file in page]


async def sweep_bucket(container: Container, *, times: int = 1, age: timedelta = timedelta(0)) -> int:
    """Sweep the bucket as the one of this lab."""
    await adopt_bucket(container.system_work, store=container.store)
    return sum([await sweep_strays(container.system_work, store=container.store, age=age) for _ in range(times)])


async def put_output(container: Container, job: ClaimedJob, content: bytes = b"a keyframe") -> StoredObject:
    """Put an output as the job's holder does; answer the object that the report would make of it."""
    digest = sha256(content).hexdigest()
    key = output_key(job.fence, digest)
    await container.store.put(key, content, content_type="image/png")
    described = Content("image/png", len(content), digest)
    return StoredObject(ObjectId(new_id()), job.workspace_id, key, described, touched_at=container.now())


async def are_there(container: Container, objects: Sequence[StoredObject]) -> list[bool]:
    return [await container.store.head(each.key) is not None for each in objects]
