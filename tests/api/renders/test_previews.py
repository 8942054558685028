"""Pictures of what is being made, as those who watch a render see them."""

import json

from api.server import LabServer
from bootstrap.container import Container
from domain.accounts.caller import Role
from domain.events import Progress
from tests.api.test_streams import events_of, streaming
from tests.builders_film_crew import furnish
from tests.builders_studio import member

SHOTS = "subscription ($id: ID!) { renderProgress(id: $id) { shot { fraction preview } } }"
URL = "data:image/jpeg;base64,"


async def test_the_latest_preview_stays_with_a_shot_until_another_comes_or_a_new_take_begins(
    server: LabServer, container: Container
) -> None:
    viewer = await member(container, role=Role.VIEWER)
    crew = await furnish(container, viewer.lab.workspace_id)
    render = await crew.order()
    part = f"shot:{crew.storyboard.shots[0].id}"
    reports = [(1, 0.1, None), (1, 0.2, "AAAA"), (1, 0.3, None), (1, 0.3, "BBBB"), (2, 0.0, None)]
    seen: list[tuple[float, str | None]] = []
    async with streaming(server, SHOTS, token=viewer.token, id=f"render_{render.id}") as response:
        events = (event async for event in events_of(response) if "event" in event)
        await anext(events)
        for epoch, fraction, preview in reports:
            await container.progress.publish(Progress(render.id, part, epoch, fraction, preview))
            shot = json.loads((await anext(events))["data"])["data"]["renderProgress"]["shot"]
            seen.append((shot["fraction"], shot["preview"]))
    assert seen == [(0.1, None), (0.2, f"{URL}AAAA"), (0.3, f"{URL}AAAA"), (0.3, f"{URL}BBBB"), (0.0, None)]
