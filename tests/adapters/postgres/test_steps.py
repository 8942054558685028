"""Results of steps in PostgreSQL."""

from bootstrap.container import Container
from tests.builders_film_crew import open_studio

# A thousand shots of nine takes of four steps; a statement has 32,767 parameters at most.
ASKED = 36_000


async def test_the_steps_of_the_longest_storyboard_are_looked_up_at_once(container: Container) -> None:
    crew = await open_studio(container, shots=1)
    render = await crew.film()
    async with crew.work() as work:
        (take,) = await work.renders.takes(render.id)
        asked = [take.clip_digest, *(f"{number:064x}" for number in range(ASKED))]
        found = await work.steps.find_many(crew.workspace_id, asked)
    assert list(found) == [take.clip_digest]
    assert len(found[take.clip_digest].objects) == 2
