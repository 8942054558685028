"""`make bench-jobs`: rounds of sessions, every engine in each, in an order that turns; tables by class of durability.

python -m bench.jobs [--rounds 5] [--peers ours,arq] [--workloads W1,W2] [--classes D1,D3] [--scale 0.1 --patience 5]
"""

import argparse
import platform
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from bench.jobs.engines import PLACE, Row, known, rows
from bench.jobs.report import Figures, Host, tables
from bench.jobs.session import NotMeasured, Session, Size
from bench.jobs.stores import Stores, fsync_ms
from bench.jobs.workloads import WORKLOADS

OUT = Path("out/bench-jobs.md")
# Without persistence only the speed is of interest, and not as often.
OF_MEMORY, ROUNDS_OF_MEMORY = ("W1", "W2"), 3


def wanted(text: str, every: Sequence[str]) -> list[str]:
    names = [each for each in text.split(",") if each] or list(every)
    if unknown := set(names) - set(every):
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(every)}.")
    return names


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--patience", type=float, default=1.0)
    for name in ("peers", "workloads", "classes"):
        parser.add_argument(f"--{name}", default="")
    return parser.parse_args()


def measure(stores: Stores, row: Row, names: Sequence[str], figures: Figures, size: Size) -> None:
    """All that a row takes part in, those first that share a session; a session that failed is not gone on with."""
    left = sorted(names, key=lambda name: WORKLOADS[name].is_alone)
    while left:
        together = [name for name in left if not WORKLOADS[name].is_alone] or left[:1]
        began = time.monotonic()
        measured = in_one_session(stores, row, together, figures, size)
        left = left[measured:]
        said = ", ".join(together[:measured])
        print(f"{row.name} ({row.durability}): {said} in {time.monotonic() - began:.0f} s", file=sys.stderr)


def in_one_session(stores: Stores, row: Row, names: Sequence[str], figures: Figures, size: Size) -> int:
    """An empty store, one sender, the workloads one after the other; answer how many, of which the last may fail."""
    tried = 0
    with TemporaryDirectory(dir=PLACE, prefix="session-") as folder:
        try:
            with (
                stores.prepare(row).farther(WORKLOADS[names[0]].late_seconds) as store,
                Session(row, store, Path(folder), size) as session,
            ):
                for name in names:
                    tried += 1
                    figures.add(name, row, WORKLOADS[name].run(session))
        except NotMeasured as reason:
            tried = max(1, tried)
            figures.fail(names[tried - 1], row, str(reason))
            log = (Path(folder) / "log").read_text(errors="replace")[-2000:]
            print(f"{row.name} ({row.durability}), {names[tried - 1]}: {reason}\n{log}", file=sys.stderr)
    return tried


def takes_part(row: Row, name: str, number: int) -> bool:
    """Whether the row is measured by this workload in this round, counted from 0."""
    workload = WORKLOADS[name]
    if row.durability == "D0" and (name not in OF_MEMORY or number >= ROUNDS_OF_MEMORY):
        return False
    return number < workload.rounds and (workload.has_variants or not row.is_variant)


def run(
    stores: Stores, engines: Sequence[Row], names: Sequence[str], figures: Figures, asked: argparse.Namespace
) -> None:
    size = Size(asked.scale, asked.patience)
    for number in range(asked.rounds):
        turned = [*engines[number % len(engines) :], *engines[: number % len(engines)]]
        for row in turned if number % 2 == 0 else reversed(turned):
            measure(stores, row, [name for name in names if takes_part(row, name, number)], figures, size)
        print(f"round {number + 1} of {asked.rounds} done", file=sys.stderr)


def stop(_signal: int, _frame: FrameType | None) -> None:
    """Workers are in groups of their own: what is asked to end has to end them by itself."""
    sys.exit("Asked to end.")


def main() -> None:
    asked = arguments()
    signal.signal(signal.SIGTERM, stop)
    PLACE.mkdir(exist_ok=True)
    names = wanted(asked.workloads, list(WORKLOADS))
    engines = rows(wanted(asked.peers, known()), wanted(asked.classes, ["D0", "D1", "D3"]))
    figures = Figures()
    began, folder = time.monotonic(), PLACE / "stores"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    fsync = fsync_ms(folder)
    said = "**Interrupted: what there is.**\n\n"
    try:
        with Stores(folder.resolve()) as stores:
            run(stores, engines, names, figures, asked)
        said = ""
    finally:
        size = Size(asked.scale, asked.patience)
        host = Host(platform.release(), fsync, time.monotonic() - began, asked.rounds, size)
        text = said + tables(figures, engines, names, host)
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(text)
        print(text)


if __name__ == "__main__":
    main()
