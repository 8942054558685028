"""`make bench-live`: one API process with many subscribers, beside its peer, in turning order.

python -m bench.live [--idle 10000] [--active 1000] [--rounds 1]
"""

import argparse
import asyncio
import os
import platform
import resource
import statistics
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.live.servers import ours, plain
from bench.live.session import TOPICS_ACTIVE, TOPICS_IDLE, Figures, Session, Size
from bootstrap.embedded import EmbeddedStack

OUT = Path("out/bench-live.md")
PORTS = Path("/proc/sys/net/ipv4/ip_local_port_range")
SPARE_FILES, SPARE_PORTS = 500, 1000
SESSION_SECONDS_MAX = 1200.0
SERVERS = {"ours": ours, "peer": plain}
COLUMNS: Mapping[str, str] = {
    "kib_each": "KiB an idle subscriber",
    "p50_ms": "event to client p50 ms",
    "p99_ms": "p99 ms",
    "cpu_ms_a_thousand": "CPU ms a 1,000 deliveries",
    "deliveries_a_second": "deliveries/s in a burst",
    "missing": "missing events",
    "lost": "lost sockets",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("idle", 10_000), ("active", 1_000), ("rounds", 1)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    return parser.parse_args()


def check_limits(size: Size) -> None:
    """Raise the limit of open files as far as it goes; leave with what to do where that, or the ports, are too few."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = size.idle + size.active + SPARE_FILES
    if most != resource.RLIM_INFINITY and most < needed:
        sys.exit(f"{needed} open files are needed and {most} allowed: `ulimit -Hn`, or fewer by IDLE= and ACTIVE=.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, most))
    if PORTS.exists():
        first, last = map(int, PORTS.read_text().split())
        each = max(size.idle // 2, size.active) + SPARE_PORTS
        if last - first < each:
            sys.exit(f"{each} local ports are needed for an address and {last - first} free: see {PORTS}.")


async def measure(size: Size, rounds: int) -> Mapping[str, Sequence[Figures]]:
    """Rounds of sessions, the order turning; each server is new, on a stack of its own."""
    found: dict[str, list[Figures]] = {name: [] for name in SERVERS}
    for number in range(rounds):
        for name in sorted(SERVERS, reverse=number % 2 == 1):
            with TemporaryDirectory(prefix="lab-bench-") as folder:
                stack = EmbeddedStack(Path(folder), api_port=0)
                await asyncio.to_thread(stack.start)
                try:
                    async with SERVERS[name](stack, TOPICS_IDLE + TOPICS_ACTIVE) as server:
                        async with asyncio.timeout(SESSION_SECONDS_MAX):
                            found[name].append(await Session(server, size).measure())
                finally:
                    await asyncio.to_thread(stack.stop)
            print(f"round {number + 1}: {name} {found[name][-1]}", file=sys.stderr)
    return found


def table(found: Mapping[str, Sequence[Figures]], size: Size, rounds: int) -> str:
    loads = " / ".join(f"{load:.1f}" for load in os.getloadavg())
    host = f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}"
    lines = [
        f"{size.idle:,} idle and {size.active:,} active subscribers on one process; {host}.",
        f"{rounds} rounds, median; load average {loads}; {datetime.now(UTC):%Y-%m-%d}.",
        "",
        "| server | " + " | ".join(COLUMNS.values()) + " |",
        "| --- |" + " ---: |" * len(COLUMNS),
    ]
    for name, figures in found.items():
        medians = (statistics.median(getattr(each, column) for each in figures) for column in COLUMNS)
        lines.append(f"| {name} | " + " | ".join(f"{median:,.1f}" for median in medians) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    asked = arguments()
    size = Size(asked.idle, asked.active)
    check_limits(size)
    text = table(asyncio.run(measure(size, asked.rounds)), size, asked.rounds)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
