"""What happens to a render, as told on its stream; shots are named by id and number, never by position alone."""

from domain.events import Event, Json
from domain.renders.judgements import Judgement
from domain.renders.models import Render
from domain.renders.shots import RenderShot, Take

# After these nothing more happens by itself.
FINAL_EVENTS = frozenset({"RenderFinished", "RenderFailed", "RenderCanceled"})
# What is told of a render that is over, once it is; it changes nothing.
CONSISTENCY_REPORTED = "ConsistencyReported"
# After this nothing more happens at all.
RENDER_DELETED = "RenderDeleted"


def render_event(render: Render, name: str, **data: Json) -> Event:
    """What happens to a render as a whole.

    RenderRequested, RenderStarted, FilmJoined, RenderFinished, RenderFailed, RenderCanceled, RenderRetried,
    ConsistencyReported, RenderDeleted.
    """
    return Event(render.stream, name, {"state": render.state.value, **data})


def shot_event(render: Render, shot: RenderShot, name: str, **data: Json) -> Event:
    """ShotStarted, ShotRerolled, ShotFailed: what happens to a shot whichever take it is at."""
    return Event(
        render.stream,
        name,
        {
            "shot_id": str(shot.shot.id),
            "shot_number": shot.shot.number,
            "shot_state": shot.state.value,
            "take_number": shot.take_number,
            **data,
        },
    )


def take_event(render: Render, shot: RenderShot, take: Take, name: str, **data: Json) -> Event:
    """KeyframeMade, ClipMade, TakeAccepted."""
    return shot_event(render, shot, name, seed=take.seed, rung=take.rung.value, **data)


def judged_event(render: Render, shot: RenderShot, name: str, judgement: Judgement, *, is_passed: bool) -> Event:
    """KeyframeJudged, ClipJudged: verdict and scores, and whether the gate let it through."""
    data: dict[str, Json] = {"verdict": judgement.verdict.value, "score": judgement.score, "is_passed": is_passed}
    return shot_event(render, shot, name, **data, **judgement.to_json())
