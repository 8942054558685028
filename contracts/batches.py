"""Which commands can be carried out in one batch, as far as the commands themselves tell."""

from contracts.commands import Adapter, Command, MakeKeyframe


def can_share_batch(one: Command, other: Command) -> bool:
    """Whether both are keyframes of one engine, size and set of adapters; seeds, words and pictures may differ."""
    return isinstance(one, MakeKeyframe) and isinstance(other, MakeKeyframe) and _shared(one) == _shared(other)


def _shared(command: MakeKeyframe) -> tuple[str, int, int, list[Adapter]]:
    adapters = [member.adapter for member in command.shot.cast if member.adapter is not None]
    return command.engine, command.width, command.height, adapters
