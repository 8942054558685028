"""A vendor that charges for each call, whoever makes it: only its customers can keep from paying twice.

`Vendor` is the server, inside the harness; `charge` and `find_charge` are what the paid task calls.
"""

import asyncio
import json
import os
import random
import time
import urllib.request
from collections import defaultdict
from contextlib import suppress

from domain.errors import Unavailable

TIMEOUT_SECONDS = 2.0


async def charge(reference: str) -> str | None:
    """Pay for the reference; answer the charge. Raises Unavailable when nobody can tell whether it was paid."""
    return await asyncio.to_thread(_ask, "POST", reference)


async def find_charge(reference: str) -> str | None:
    """Answer the charge that was made for the reference, if there is one; raises Unavailable."""
    return await asyncio.to_thread(_ask, "GET", reference)


def _ask(method: str, reference: str) -> str | None:
    url = f"{os.environ['CHAOS_VENDOR_URL']}/charges/{reference}"
    try:
        asked = urllib.request.Request(url, method=method)  # noqa: S310 - our own loopback URL
        with urllib.request.urlopen(asked, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)["charge"]
    except (OSError, ValueError) as lost:
        raise Unavailable("The vendor does not answer.") from lost


class Vendor:
    """Counts charges by reference; `loses_answers` is the chance that a charge is made and not told."""

    def __init__(self, *, seed: int = 0) -> None:
        self.charges: defaultdict[str, list[str]] = defaultdict(list)
        self.charged_at: defaultdict[str, list[float]] = defaultdict(list)
        self.loses_answers = 0.0
        self.delay_seconds = 0.01
        self._chance = random.Random(seed)
        self._listener: asyncio.Server | None = None
        self.url = ""

    async def start(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            await self._listener.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, ValueError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            method, path, _ = head.split(" ", 2)
            body = json.dumps({"charge": self._answer(method, path.rsplit("/", 1)[1])}).encode()
            await asyncio.sleep(self.delay_seconds)
            if method != "POST" or self._chance.random() >= self.loses_answers:
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b" % (len(body), body)
                )
                await writer.drain()
        writer.close()

    def _answer(self, method: str, reference: str) -> str | None:
        made = self.charges[reference]
        if method == "POST":
            made.append(f"{reference}-{len(made)}")
            self.charged_at[reference].append(time.time())
        return made[0] if made else None
