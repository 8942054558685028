"""An engine that gets somebody wrong once."""

from collections.abc import Mapping
from pathlib import Path

from contracts.commands import Command, MakeKeyframe, Result
from gpu_worker.pipelines.animatic.engine import AnimaticEngine
from gpu_worker.pipelines.engine import Watch

STRANGER = Path(__file__).parents[1] / "data" / "cast" / "toonHead-002"


class MistakenEngine(AnimaticEngine):
    """Films a stranger in the first keyframe of all, and the right cast from then on."""

    def __init__(self) -> None:
        super().__init__()
        self._is_mistaken = True

    def run(self, command: Command, inputs: Mapping[str, Path], outputs: Path, watch: Watch) -> Result:
        if self._is_mistaken and isinstance(command, MakeKeyframe) and command.shot.cast:
            self._is_mistaken = False
            stranger = min(STRANGER.iterdir())
            inputs = {
                name: stranger if name in command.shot.cast[0].cut_outs else path for name, path in inputs.items()
            }
        return super().run(command, inputs, outputs, watch)
