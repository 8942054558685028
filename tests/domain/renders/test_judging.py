"""What the gate is shown, from real stores."""

import pytest
from sqlalchemy import text

from bootstrap.container import Container
from domain.renders.errors import CharacterGone
from domain.renders.use_cases.carrying import StepRef
from domain.renders.use_cases.judging import judge_step
from tests.builders_film_crew import add_picture, open_studio


async def test_nobody_is_judged_by_fewer_pictures_than_were_frozen(container: Container) -> None:
    crew = await open_studio(container, shots=1)
    assert crew.storyboard.cast
    async with crew.work() as work:
        second = await add_picture(work, crew.workspace_id, crew.storyboard.cast[0], position=1)
    await crew.order()
    await crew.work_off(steps_max=2)
    ref = StepRef.of(await crew.next_payload())
    async with crew.work() as work:
        await work.session.execute(text("delete from character_images where id = :id"), {"id": second})

    with pytest.raises(CharacterGone, match="Pictures of 'Hare' were removed"):
        await judge_step(crew.work, ref=ref, engines=crew.engines, gate=container.gate, store=container.store)
