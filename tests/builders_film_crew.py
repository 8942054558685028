"""A studio with a cast and a storyboard in real stores, and a crew that does what jobs ask for, without pixels."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import text

from adapters.postgres.work import PostgresWork
from bootstrap.container import Container
from domain.events import Json, RecordedEvent, Stream, StreamKind
from domain.identifiers import CharacterId, ImageId, ObjectId, RenderId, ShotId, StoryboardId, WorkspaceId
from domain.jobs.models import StepResult
from domain.renders.budgets import Budget
from domain.renders.drafts import RenderRequest
from domain.renders.engines import Engine, EngineCatalogue
from domain.renders.judgements import Judgement
from domain.renders.models import Probe, Render
from domain.renders.quotes import Quote
from domain.renders.results import CAPTIONS, FILM, POSTER, probe_json
from domain.renders.settings import RenderSettings
from domain.renders.use_cases.carrying import StepRef, fail_step, lock_render, record_step, start_render
from domain.renders.use_cases.joining import record_film
from domain.renders.use_cases.ordering import quote_render, request_render
from domain.renders.walk import Step
from domain.storyboards.models import CastMember, Shot, ShotContent, Storyboard, StoryboardState
from tests.builders_renders import ANIMATIC, NOW, SMALL, a_content, a_judgement

Payload = Mapping[str, Json]


@dataclass
class Crew:
    """Does every job that is written down, once or `times`; `gate` says what it is told, then that all is well."""

    container: Container
    workspace_id: WorkspaceId
    storyboard: Storyboard
    engine: Engine = ANIMATIC
    others: tuple[Engine, ...] = ()
    times: int = 1
    gate: list[Judgement] = field(default_factory=list[Judgement])
    breaks: set[Step] = field(default_factory=set[Step])
    done: list[str] = field(default_factory=list[str])
    seen: set[UUID] = field(default_factory=set[UUID])

    @property
    def engines(self) -> EngineCatalogue:
        return EngineCatalogue.of([self.engine, *self.others])

    @asynccontextmanager
    async def work(self) -> AsyncGenerator[PostgresWork]:
        async with self.container.work(self.workspace_id) as work:
            yield work

    def request(self, settings: RenderSettings = SMALL, budget: Budget | None = None) -> RenderRequest:
        return RenderRequest(self.workspace_id, self.storyboard.id, settings, budget or Budget())

    async def quote(self, settings: RenderSettings = SMALL) -> Quote:
        async with self.work() as work:
            return await quote_render(work, request=self.request(settings), engines=self.engines, now=NOW)

    async def order(self, settings: RenderSettings = SMALL, budget: Budget | None = None) -> Render:
        async with self.work() as work:
            return await request_render(work, request=self.request(settings, budget), engines=self.engines, now=NOW)

    async def film(self, settings: RenderSettings = SMALL) -> Render:
        render = await self.order(settings)
        await self.work_off()
        return await self.find(render.id)

    async def work_off(self, *, steps_max: int = 1000) -> None:
        while steps_max and (job := await self._next()):
            steps_max -= 1
            self.seen.add(job[0])
            for _ in range(self.times):
                await self.do(job[1], job[2])

    async def _next(self) -> tuple[UUID, str, Payload] | None:
        async with self.work() as work:
            rows = await work.session.execute(
                text("select id, kind, payload from jobs where state = 'queued' order by id")
            )
            return next(((row.id, row.kind, row.payload) for row in rows if row.id not in self.seen), None)

    async def next_payload(self) -> Payload:
        """What the next job is asked to do; it is left where it is."""
        found = await self._next()
        assert found is not None
        return found[2]

    async def do(self, kind: str, payload: Payload) -> None:
        render_id = RenderId(UUID(str(payload["render_id"])))
        async with self.work() as work:
            if kind == "renders.start_render":
                await start_render(work, render_id=render_id, engines=self.engines, now=NOW)
            elif kind == "renders.join_film":
                await join(self, work, render_id, str(payload["digest"]))
            elif kind != "renders.report":
                await self._take_step(work, StepRef.of(payload), payload)

    async def _take_step(self, work: PostgresWork, ref: StepRef, payload: Payload) -> None:
        self.done.append(f"{ref.step.value} {payload['shot_number']}/{ref.take_number}")
        if ref.step in self.breaks:
            await fail_step(work, ref=ref, reason="The worker gave up.", now=NOW)
            return
        result = await make_result(self, work, ref)
        await record_step(work, ref=ref, result=result, engines=self.engines, now=NOW)

    async def find(self, render_id: RenderId) -> Render:
        async with self.work() as work:
            return await lock_render(work, render_id)

    async def edit(self, number: int, content: ShotContent) -> None:
        """Put another content in the place of a shot, as a new version."""
        shots = list(self.storyboard.shots)
        shots[number - 1] = replace(shots[number - 1], content=content)
        await self.put(replace(self.storyboard, version=self.storyboard.version + 1, shots=tuple(shots)))

    async def put(self, storyboard: Storyboard) -> None:
        """Have the storyboard be like this."""
        async with self.work() as work:
            await work.storyboards.replace_shots(self.storyboard, storyboard)
            await work.storyboards.save(storyboard)
        self.storyboard = storyboard


async def events_of(crew: Crew, render_id: RenderId) -> Sequence[RecordedEvent]:
    stream = Stream(StreamKind.RENDER, render_id, crew.workspace_id)
    return await crew.container.feed.read_stream(stream, after=0, limit=1000)


async def names_of(crew: Crew, render_id: RenderId) -> list[str]:
    return [event.name for event in await events_of(crew, render_id)]


async def make_result(crew: Crew, work: PostgresWork, ref: StepRef) -> StepResult:
    if ref.step in (Step.KEYFRAME_JUDGEMENT, Step.CLIP_JUDGEMENT):
        judgement = crew.gate.pop(0) if crew.gate else a_judgement()
        return StepResult(ref.digest, judgement.to_json())
    name = "keyframe.png" if ref.step is Step.KEYFRAME else "clip.mp4"
    objects = {each: await add_object(work, crew.workspace_id) for each in (name, "figures.png")}
    return StepResult(ref.digest, {"engine_version": "1", "frames": 36, "sampled_frames": [0, 9, 18, 27, 35]}, objects)


async def join(crew: Crew, work: PostgresWork, render_id: RenderId, digest: str) -> None:
    crew.done.append("join")
    objects = {name: await add_object(work, crew.workspace_id) for name in (FILM, POSTER, CAPTIONS)}
    step = StepResult(digest, probe_json(Probe(320, 180, 108, 12, 1000)), objects)
    await record_film(work, render=await lock_render(work, render_id), step=step, now=NOW)


async def add_object(work: PostgresWork, workspace_id: WorkspaceId) -> ObjectId:
    """The row of an object with no bytes behind it."""
    object_id = ObjectId(work.new_id())
    await work.session.execute(
        text(
            "insert into objects (id, workspace_id, key, sha256, size_bytes, content_type, created_at, touched_at)"
            " values (:id, :workspace, :key, :sha256, 1, 'image/png', now(), now())"
        ),
        {
            "id": object_id,
            "workspace": workspace_id,
            "key": f"objects/{object_id}",
            "sha256": object_id.hex * 2,
        },
    )
    return object_id


async def add_character(work: PostgresWork, workspace_id: WorkspaceId, name: str) -> CharacterId:
    """A character with one embedded picture."""
    character_id = CharacterId(work.new_id())
    await work.session.execute(
        text(
            "insert into characters (id, workspace_id, name, state, threshold, embedding_space, created_at, updated_at)"
            " values (:id, :workspace, :name, 'ready', 0.5, 'lab-figures@1', now(), now())"
        ),
        {"id": character_id, "workspace": workspace_id, "name": name},
    )
    await add_picture(work, workspace_id, character_id)
    return character_id


async def add_picture(
    work: PostgresWork, workspace_id: WorkspaceId, character_id: CharacterId, *, position: int = 0
) -> ImageId:
    """An embedded picture of a character."""
    image_id = ImageId(work.new_id())
    await work.session.execute(
        text(
            "insert into character_images (id, workspace_id, character_id, type, position, state, cut_out_id,"
            " embedding, embedding_space, created_at) values (:id, :workspace, :character, 'reference', :position,"
            " 'ready', :cut_out, cast(:embedding as vector), 'lab-figures@1', now())"
        ),
        {
            "id": image_id,
            "workspace": workspace_id,
            "character": character_id,
            "position": position,
            "cut_out": await add_object(work, workspace_id),
            "embedding": str([1.0] + [0.0] * 767),
        },
    )
    return image_id


def a_storyboard(container: Container, workspace_id: WorkspaceId, contents: Sequence[ShotContent]) -> Storyboard:
    shots = tuple(Shot(ShotId(container.new_id()), content) for content in contents)
    cast = tuple({member.character_id for content in contents for member in content.cast})
    return Storyboard(
        id=StoryboardId(container.new_id()),
        workspace_id=workspace_id,
        title="The Tortoise and the Hare",
        script="A hare laughs.",
        language="en",
        style="",
        seconds_target=None,
        cast=cast,
        state=StoryboardState.READY,
        version=1,
        shots=shots,
        created_at=NOW,
        updated_at=NOW,
    )


async def open_studio(container: Container, *, shots: int = 3) -> Crew:
    """A workspace with a hare and a storyboard of shots that differ in their action."""
    workspace_id = WorkspaceId(container.new_id())
    async with container.work() as work:
        statement = text("insert into workspaces (id, name, created_at) values (:id, 'Studio', now())")
        await work.session.execute(statement, {"id": workspace_id})
    return await furnish(container, workspace_id, shots=shots)


async def balance(crew: Crew) -> None:
    """Count the hare's picture as all that a character holds of it, so that the books are right."""
    async with crew.work() as work:
        copies = "update character_images set working_id = cut_out_id, thumbnail_id = cut_out_id"
        await work.session.execute(text(copies))
        await work.session.execute(text("update objects set reference_count = 3"))


async def put_bytes(crew: Crew, content: bytes) -> None:
    """Put some bytes behind every object that is held."""
    async with crew.work() as work:
        keys = (await work.session.scalars(text("select key from objects where reference_count > 0"))).all()
    for key in keys:
        await crew.container.store.put(key, content, content_type="image/png")


async def furnish(container: Container, workspace_id: WorkspaceId, *, shots: int = 3) -> Crew:
    """Put a hare and a storyboard of shots into a workspace."""
    async with container.work(workspace_id) as work:
        hare = await add_character(work, workspace_id, "Hare")
        numbers = range(1, shots + 1)
        contents = [a_content(f"The hare runs, {number}.", cast=(CastMember(hare),)) for number in numbers]
        storyboard = a_storyboard(container, workspace_id, contents)
        await work.storyboards.add(storyboard)
        await work.storyboards.replace_shots(replace(storyboard, shots=()), storyboard)
    return Crew(container, workspace_id, storyboard)
