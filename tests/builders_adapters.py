"""Adapters that are trained without a worker, and what their trainings come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from contracts.commands import AdapterTrained, CurvePoint, SuiteScores
from domain.characters.adapters import AdapterVersion
from domain.characters.models import Character
from domain.characters.use_cases.train_character import train_character
from domain.identifiers import ObjectId
from domain.jobs.models import ClaimedJob, Fence, Queue
from domain.media.models import Content, StoredObject
from jobs.characters import tasks
from jobs.checkpoints import keep_checkpoint
from jobs.desk import output_key
from jobs.endings import Endings
from tests.builders_character_lab import CharacterLab
from tests.builders_characters import vector
from tests.builders_jobs import Bench, worker

ENGINE = "diffusion"
GOOD = SuiteScores(identity=0.8, prompt=0.7, purity=0.9)


def trained(
    scores: SuiteScores = GOOD, *, present: SuiteScores | None = None, base_identity: float = 0.4
) -> AdapterTrained:
    """What a worker answers."""
    return AdapterTrained(
        steps=500,
        is_stopped_early=True,
        curve=[CurvePoint(step=0, loss=1.2), CurvePoint(step=500, loss=0.8, identity=0.8)],
        scores=scores,
        present_scores=present,
        base="0" * 64,
        engine_version="1",
        notes={"base_identity": base_identity, "base_prompt": 0.7},
    )


@dataclass
class School:
    """A lab in which characters are taught, with the engine's moves made by hand."""

    lab: CharacterLab

    @property
    def bench(self) -> Bench:
        return Bench(self.lab.container)

    async def pupil(self, *, pictures: int = 5) -> Character:
        return await self.lab.learned("Peter", *(vector(10 * number) for number in range(pictures)))

    async def train(self, character: Character) -> AdapterVersion:
        async with self.lab.begin() as work:
            return await train_character(work, character_id=character.id, engine=ENGINE, now=self.lab.now)

    async def claim(self) -> ClaimedJob:
        by = replace(worker("gpu-1", queue=Queue.GPU, engines=[ENGINE]), command_version=2)
        await self.bench.claims.see(by)
        await self.bench.dispatches.pick(Queue.GPU, limit=1)
        claimed = await self.bench.claim(by)
        assert claimed is not None
        return claimed

    async def output(self, fence: Fence, name: str, content: bytes) -> StoredObject:
        digest = sha256(content).hexdigest()
        key = output_key(fence, digest)
        container = self.lab.container
        await container.store.put(key, content, content_type="application/octet-stream")
        described = Content("application/octet-stream", len(content), digest)
        return StoredObject(
            ObjectId(container.new_id()), self.lab.workspace_id, key, described, touched_at=self.lab.now
        )

    async def save(self, job: ClaimedJob) -> None:
        saved = await self.output(job.fence, "checkpoint", b"half of " + job.id.bytes)
        await keep_checkpoint(self.lab.container, job, saved)

    async def finish(self, job: ClaimedJob, told: AdapterTrained) -> None:
        names: Sequence[str] = ("adapter.safetensors", "curves.png", "samples.png")
        made = {name: await self.output(job.fence, name, name.encode() + job.id.bytes) for name in names}
        endings = Endings(self.lab.container, tasks)
        await endings.finish(job, result=told.model_dump(mode="json"), outputs=made, worked_seconds=1)

    async def taught(self, character: Character, told: AdapterTrained | None = None) -> AdapterVersion:
        """Train one version to its end."""
        adapter = await self.train(character)
        await self.finish(await self.claim(), told or trained())
        return await self.find(adapter)

    async def find(self, adapter: AdapterVersion) -> AdapterVersion:
        async with self.lab.begin() as work:
            found = await work.adapters.find(adapter.id)
        assert found is not None
        return found

    async def in_use(self, character: Character) -> int | None:
        """The number of the version in use."""
        found = await self.lab.find(character.id)
        assert found is not None
        async with self.lab.begin() as work:
            versions = {each.id: each.number for each in await work.adapters.versions_of(character.id)}
        return versions[found.adapter_id] if found.adapter_id else None
