"""Every cell of the matrix: hurt a job at one boundary, heal, and see that nothing is lost and nothing done twice."""

import asyncio
import signal

import pytest
from _pytest.mark.structures import ParameterSet

from chaos.cells.acts import act
from chaos.cells.scene import Scene
from chaos.cells.stage import Stage, until
from chaos.cells.table import CELLS, PLACES, Cell
from chaos.cells.verdict import judge, judge_children, judge_processes
from chaos.cells.violation import require
from chaos.storage_check import sweep_violations
from failpoints.orders import Action, Order, arm
from failpoints.points import Point


async def come_to_the_point(scene: Scene) -> None:
    """Submit the job with the order given; where the way there is a graceful stop, begin one."""
    action = scene.cell.fault.action
    if not scene.place.is_draining:
        scene.arm(action)
        await scene.submit()
        return
    first = f"{scene.title}-first"
    arm(scene.stage.orders, first, Order(Point.STEP_BEFORE, Action.HOLD, about=str(scene.job_id)))
    await scene.submit()
    held = await scene.has_fired(first)
    scene.arm(action, process=held.process)
    scene.stopping = held.process
    scene.stage.rig[held.process].send(signal.SIGTERM)


async def play(scene: Scene) -> None:
    before = scene.stage.children()
    await come_to_the_point(scene)
    firing = await scene.has_fired()
    await act(scene, firing)
    if scene.asking is not None:
        is_accepted = await scene.asking
        require(not is_accepted or bool(await scene.ids()), "what was acknowledged is not there")
    if scene.cell.word != "nothing":
        await until(scene.have_ended, "the jobs did not end")
    if scene.stopping:
        await scene.stage.rig[scene.stopping].term()
    await judge(scene)
    await judge_children(scene.stage, before)
    judge_processes(scene, firing.process)


def parameter(cell: Cell) -> ParameterSet:
    return pytest.param(cell, id=cell.name, marks=[pytest.mark.thorough] if cell.is_thorough else [])


def delivery_of(cell: Cell) -> str:
    """Cells of one way of delivery follow each other, so that the processes start anew once."""
    return PLACES[cell.place].delivery


@pytest.mark.parametrize("cell", [parameter(cell) for cell in sorted(CELLS, key=delivery_of, reverse=True)])
async def test_nothing_is_lost_and_nothing_done_twice(stage: Stage, cell: Cell) -> None:
    scene = Scene(stage, cell, PLACES[cell.place], title=cell.name)
    is_well = False
    try:
        await stage.deliver_by(scene.place.delivery)
        async with asyncio.timeout(90):
            await play(scene)
        is_well = True
    finally:
        list(stage.withdraw_orders())
        await stage.heal(is_suspect=not is_well)


async def test_two_sweeps_leave_nothing_behind_and_take_nothing_in_use(stage: Stage) -> None:
    """Last of all: what lost and cancelled attempts put into the storage goes, what rows refer to stays."""
    broken = await sweep_violations(stage.services, stage.rig)
    require(not broken, "; ".join(broken[:5]))
