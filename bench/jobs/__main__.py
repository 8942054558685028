"""`make bench-jobs`: rounds of sessions, every engine in each, in an order that turns; tables by class of durability.

python -m bench.jobs [--rounds 5] [--peers ours,arq] [--workloads W1,W2] [--classes D1,D3]
"""

import argparse
import platform
import shutil
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.jobs.engines import PLACE, Row, known, rows
from bench.jobs.report import Figures, Host, tables
from bench.jobs.session import Session, Stalled
from bench.jobs.stores import Stores, fsync_ms
from bench.jobs.workloads import WORKLOADS

OUT = Path("out/bench-jobs.md")
# Kills take 40 to 80 s a row: once is enough to see what is lost, and it is not a matter of speed.
ONCE = frozenset({"W8"})


def wanted(text: str, every: Sequence[str]) -> list[str]:
    names = [each for each in text.split(",") if each] or list(every)
    if unknown := set(names) - set(every):
        sys.exit(f"There is no {', '.join(sorted(unknown))}; there are {', '.join(every)}.")
    return names


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    for name in ("peers", "workloads", "classes"):
        parser.add_argument(f"--{name}", default="")
    return parser.parse_args()


def measure(stores: Stores, row: Row, names: Sequence[str], figures: Figures) -> None:
    """One session: a store that is empty, one sender, and the workloads one after the other."""
    with TemporaryDirectory(dir=PLACE, prefix="session-") as folder:
        try:
            with Session(row, stores.prepare(row), Path(folder)) as session:
                for name in names:
                    for column, value in WORKLOADS[name].run(session).items():
                        figures[row.durability, name][row.name][column].append(value)
        except Stalled as stalled:
            log = (Path(folder) / "log").read_text(errors="replace")[-2000:]
            print(f"{row.name} ({row.durability}): {stalled}\n{log}", file=sys.stderr)


def main() -> None:
    asked = arguments()
    # Workers are in groups of their own: what is asked to end has to end them by itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Asked to end."))
    PLACE.mkdir(exist_ok=True)
    names = wanted(asked.workloads, list(WORKLOADS))
    engines = rows(wanted(asked.peers, known()), wanted(asked.classes, ["D0", "D1", "D3"]))
    figures: Figures = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    began, folder = time.monotonic(), PLACE / "stores"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    fsync = fsync_ms(folder)
    with Stores(folder.resolve()) as stores:
        for number in range(asked.rounds):
            turned = engines[number % len(engines) :] + engines[: number % len(engines)]
            for row in turned if number % 2 == 0 else reversed(turned):
                mine = [name for name in names if number == 0 or name not in ONCE]
                # Without persistence only the speed is of interest.
                measure(stores, row, [each for each in mine if row.durability != "D0" or each in ("W1", "W2")], figures)
                print(f"round {number + 1}: {row.name} ({row.durability})", file=sys.stderr)
    host = Host(platform.release(), fsync, time.monotonic() - began, asked.rounds)
    text = tables(figures, engines, names, host)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
