"""A process of many subscribers: `python -m bench.live.crowd`, told what to do by lines of JSON on its input.

{"do": "join", "port", "address", "count", "tokens", "payloads"} opens sockets; {"do": "tell"} answers what was seen
since it was asked last; the end of the input ends it.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from typing import Any

from bench.live.subscriber import Subscriber, Tally

AT_ONCE = 50
JOIN_SECONDS_MAX = 600.0


class Crowd:
    """Sockets of one process, from one address."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.joined = 0

    async def join(self, asked: Mapping[str, Any]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)
        async with asyncio.timeout(JOIN_SECONDS_MAX):
            await asyncio.gather(*(self._open(asked, number, gate) for number in range(asked["count"])))

    async def _open(self, asked: Mapping[str, Any], number: int, gate: asyncio.Semaphore) -> None:
        loop, began = asyncio.get_running_loop(), asyncio.Event()
        token, payload = (asked[name][number % len(asked[name])] for name in ("tokens", "payloads"))
        key = self.joined + number

        def subscriber() -> Subscriber:
            return Subscriber(key, token, payload, tally=self.tally, began=began.set)

        async with gate:
            address = (asked["address"], 0)
            await loop.create_connection(subscriber, "127.0.0.1", asked["port"], local_addr=address)
            await began.wait()

    def tell(self) -> Mapping[str, object]:
        """What was seen since last asked; who has heard anything stays."""
        seen = self.tally
        told = {
            "heard": len(seen.heard),
            "received": seen.received,
            "latencies": seen.latencies,
            "last_at": seen.last_at,
            "lost": seen.lost,
        }
        seen.received, seen.latencies, seen.last_at = 0, [], 0.0
        return told


async def main() -> None:
    crowd = Crowd()
    while line := await asyncio.to_thread(sys.stdin.readline):
        asked: dict[str, Any] = json.loads(line)
        if asked["do"] == "join":
            await crowd.join(asked)
            crowd.joined += asked["count"]
        print(json.dumps(crowd.tell()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
