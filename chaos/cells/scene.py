"""One cell's job, the order to fail that is given for it, and what its rows say."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text

from bootstrap.clock import new_id
from chaos.cells.stage import Stage, until
from chaos.cells.table import Cell, Host, Place, Work
from chaos.tasks import FLAKY, MAKE, STEPS
from contracts.commands import MakeKeyframe, SettingPlan, ShotPlan
from domain.events import Json
from domain.identifiers import JobId, WorkspaceId
from domain.jobs.models import CancelOutcome, Delivery, NewJob, Queue
from failpoints.orders import Action, Firing, Order, arm, fired, let_go
from failpoints.points import Point

STEPS_COUNT = 2
NEW_WORKSPACE = text("insert into workspaces (id, name, created_at) values (:id, 'Cell', now())")
OF_TITLE = "select j.id from jobs j join storyboards s on s.id = j.subject_id where s.title = $1"


@dataclass
class Scene:
    """The stage with one cell on it."""

    stage: Stage
    cell: Cell
    place: Place
    title: str
    workspace_id: WorkspaceId = field(default_factory=lambda: WorkspaceId(new_id()))
    job_id: JobId = field(default_factory=lambda: JobId(new_id()))
    waiting_id: JobId = field(default_factory=lambda: JobId(new_id()))
    asking: "asyncio.Task[bool | None] | None" = None
    stopping: str = ""
    canceled: CancelOutcome | None = None

    @property
    def queue(self) -> Queue:
        return Queue.CPU if self.place.work is Work.MAKE else Queue.INTERNAL

    def arm(self, action: Action, *, process: str = "") -> None:
        """Give the cell's order."""
        order = Order(self.place.point, action, process, self._about, self.place.hit)
        arm(self.stage.orders, self.title, order)

    @property
    def _about(self) -> str:
        """What the point knows of the job: its identifier, where it knows that."""
        is_known = self.place.work is not Work.WRITE and self.place.host is not Host.CHILD
        return str(self.job_id) if is_known and self.place.point is not Point.OBJECT_STORED else ""

    async def has_fired(self, name: str = "") -> Firing:
        """Wait until a process has come to the point; answer which."""

        found: list[Firing] = []

        async def look() -> bool:
            if firing := fired(self.stage.orders, name or self.title):
                found.append(firing)
            return bool(found)

        await until(look, f"{self.place.point} was not reached")
        return found[0]

    def let_go(self) -> None:
        let_go(self.stage.orders, self.title)

    async def submit(self) -> None:
        """Have the job accepted, or ask for it where being accepted is what is attacked."""
        if self.place.work is Work.WRITE:
            self.asking = asyncio.create_task(self.stage.client.ask(self.title))
            return
        async with self.stage.services.work() as work:
            await work.session.execute(NEW_WORKSPACE, {"id": self.workspace_id})
        async with self.stage.services.work(self.workspace_id) as work:
            await work.jobs.enqueue(self._job())
            await work.jobs.enqueue(self._waiting())

    def _job(self) -> NewJob:
        kind = {Work.STEPS: STEPS, Work.FLAKY: FLAKY, Work.MAKE: MAKE}[self.place.work]
        payload: dict[str, Json] = {"steps": STEPS_COUNT, "failures": 1}
        if self.place.work is Work.MAKE:
            shot = ShotPlan(action="work 0.05", setting=SettingPlan())
            seed = self.job_id.int % 2**62
            made = MakeKeyframe(engine="chaos", seed=seed, width=64, height=64, shot=shot, scene_seed=1)
            payload = {"command": made.model_dump(mode="json")}
        return NewJob(self.job_id, self.workspace_id, kind, self.queue, payload)

    def _waiting(self) -> NewJob:
        payload: dict[str, Json] = {"steps": 1}
        return NewJob(self.waiting_id, self.workspace_id, STEPS, Queue.INTERNAL, payload, waits_for=(self.job_id,))

    async def ids(self) -> list[UUID]:
        """The jobs of this cell that are in the database."""
        database = self.stage.database
        if self.place.work is Work.WRITE:
            return [row["id"] for row in await database.fetch(OF_TITLE, self.title)]
        return [self.job_id, self.waiting_id]

    async def have_ended(self) -> bool:
        """Whether all of them have ended, and there are any."""
        ids = await self.ids()
        statement = "select count(*) from jobs where id = any($1) and finished_at is not null"
        return bool(ids) and await self.stage.database.fetchval(statement, ids) == len(ids)

    async def has_been_lost(self) -> bool:
        statement = "select exists(select 1 from jobs where id = any($1) and lost > 0)"
        return bool(await self.stage.database.fetchval(statement, await self.ids()))

    async def delivery(self) -> Delivery:
        """The job's delivery as it stands."""
        number = await self.stage.database.fetchval("select delivery from jobs where id = $1", self.job_id)
        return Delivery(self.job_id, number, self.queue, self.workspace_id)
