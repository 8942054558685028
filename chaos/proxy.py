"""A TCP proxy between a process and a store, which can cut, swallow, slow down, and lose the answer to a COMMIT.

proxy = Proxy("jobs-a.postgres", unix_address(socket_path))
await proxy.start()                    # proxy.port is where the process connects to
proxy.cut()                            # break every connection now
proxy.is_refusing = True               # and let no new one in, until it is False again
proxy.is_swallowing = True             # half open: connections stand, nothing arrives, either way
proxy.is_unavailable = True            # HTTP: new connections are answered 503
proxy.delay_seconds = 0.2              # each piece of the server's answers is this late
proxy.bytes_per_second = 20_000.0      # and they trickle
trap = proxy.lose_commits("job_fail")  # PostgreSQL: the next commit that moved something so arrives, its answer not
await trap.sprung.wait()
proxy.commit_delays["job_pick"] = 0.3  # and these reach the server late, unless they moved nothing
hold = CommitHold("job_pick")
proxy.hold_commit(hold)                # and the first of these stands still until hold.release()
await hold.held.wait()
proxy.heal()
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from chaos.wire import ClientTalk, Committed, ServerTalk, rows_in

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Address = Callable[[], Awaitable[Streams]]
PIECE_BYTES = 64 * 1024
UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


def unix_address(path: Callable[[], str]) -> Address:
    """A server on a Unix socket, whose path is asked for at each connection."""
    return lambda: asyncio.open_unix_connection(path())


def tcp_address(port: int) -> Address:
    """A server on loopback."""
    return lambda: asyncio.open_connection("127.0.0.1", port)


class CommitTrap:
    """Waits for the commit of what ran a piece of SQL and moved something; `sprung` when its answer has been lost."""

    def __init__(self, sql: str, *, times: int) -> None:
        self.sql = sql
        self.left = times
        self.sprung = asyncio.Event()

    def catches(self, committed: Committed) -> bool:
        return self.left > 0 and self.sql in committed.sql and committed.writes


class CommitHold:
    """Keeps one COMMIT of a transaction that ran this SQL and moved something; several proxies may share it."""

    def __init__(self, sql: str) -> None:
        self.sql = sql
        self.held = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        self._released.set()

    async def keep(self, transaction: str) -> None:
        """Return at once unless this is the transaction to be held, and the first of them."""
        if self.sql in transaction and not self.held.is_set():
            self.held.set()
            await self._released.wait()


class Connection:
    """One client's connection through the proxy; `has_lost` where bytes of it were swallowed."""

    def __init__(self, proxy: "Proxy", client: Streams, server: Streams) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self.has_lost = False
        self._talk = ClientTalk() if proxy.speaks_postgres else None
        self._answers = ServerTalk()
        self._trap: CommitTrap | None = None
        self._is_alone = False

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            up = group.create_task(self._pump_up())
            down = group.create_task(self._pump_down())
            await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
            self.abort()

    def abort(self) -> None:
        for _reader, writer in (self._client, self._server):
            writer.transport.abort()

    async def _pump_up(self) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await self._client[0].read(PIECE_BYTES):
                if self._talk is not None:
                    await self._meet_commits(self._talk.feed(data))
                await self._pass(data, self._server[1])

    async def _pass(self, data: bytes, to: asyncio.StreamWriter) -> None:
        if self._proxy.is_swallowing:
            self.has_lost = True
            return
        to.write(data)
        await to.drain()

    async def _meet_commits(self, found: list[Committed]) -> None:
        for committed in found:
            # What a statement alone moves is known by its answer; a transaction has been answered but for its end.
            has_moved = not committed.is_alone and self._answers.rows > 0
            if has_moved:
                await self._proxy.delay_commit(committed.sql)
            if (has_moved or committed.is_alone) and not self._trap and not self._proxy.is_swallowing:
                self._trap, self._is_alone = self._proxy.trap_for(committed), committed.is_alone

    def _is_answer_lost(self, data: bytes) -> bool:
        """Whether these bytes are the answer to what is to seem uncommitted; the trap of what moved nothing goes on."""
        if self._trap is None:
            return False
        moved = rows_in(data)
        if not self._is_alone or moved:
            return True
        if moved == 0:
            self._trap.left += 1
            self._trap = None
        return False

    async def _pump_down(self) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await self._server[0].read(PIECE_BYTES):
                if self._trap is not None and self._is_answer_lost(data):
                    # The server has answered, so the transaction is committed; the client will never know.
                    self._trap.sprung.set()
                    return
                if self._talk is not None:
                    self._answers.feed(data)
                await self._proxy.slow_down(len(data))
                await self._pass(data, self._client[1])


class Proxy:
    """Listens on loopback and passes everything on, until it is told otherwise."""

    def __init__(self, name: str, server: Address, *, speaks_postgres: bool = False) -> None:
        self.name = name
        self.speaks_postgres = speaks_postgres
        self.port = 0
        self.is_refusing = False
        self.is_swallowing = False
        self.is_unavailable = False
        self.delay_seconds = 0.0
        self.bytes_per_second = 0.0
        self._server_address = server
        self._connections: set[Connection] = set()
        self._traps: list[CommitTrap] = []
        self._holds: list[CommitHold] = []
        self.commit_delays: dict[str, float] = {}
        self._listener: asyncio.Server | None = None

    async def start(self) -> None:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self.cut()
            await self._listener.wait_closed()

    def cut(self) -> None:
        for connection in tuple(self._connections):
            connection.abort()

    def heal(self) -> None:
        """Undo everything; connections that were half open are broken, as a firewall that comes back would.

        Where PostgreSQL was, those of before stay silent: whoever waits there must lose patience by itself.
        """
        was_swallowing = self.is_swallowing
        self.is_refusing = self.is_swallowing = self.is_unavailable = False
        self.delay_seconds = self.bytes_per_second = 0.0
        self._traps.clear()
        self.commit_delays.clear()
        for hold in self._holds:
            hold.release()
        self._holds.clear()
        for connection in tuple(self._connections):
            if was_swallowing or (connection.has_lost and not self.speaks_postgres):
                connection.abort()

    def lose_commits(self, sql: str = "", *, times: int = 1) -> CommitTrap:
        """Lose the answers to the next commits of what runs this piece of SQL and moves something."""
        trap = CommitTrap(sql, times=times)
        self._traps.append(trap)
        return trap

    def hold_commit(self, hold: CommitHold) -> None:
        """Let this hold keep one COMMIT, unless another proxy's has come before."""
        self._holds.append(hold)

    def trap_for(self, committed: Committed) -> CommitTrap | None:
        trap = next((each for each in self._traps if each.catches(committed)), None)
        if trap is not None:
            trap.left -= 1
        return trap

    async def delay_commit(self, transaction: str) -> None:
        late = max((seconds for sql, seconds in self.commit_delays.items() if sql in transaction), default=0.0)
        await asyncio.sleep(late)
        for hold in tuple(self._holds):
            await hold.keep(transaction)

    async def slow_down(self, size_bytes: int) -> None:
        seconds = self.delay_seconds
        if self.bytes_per_second:
            seconds += size_bytes / self.bytes_per_second
        if seconds:
            await asyncio.sleep(seconds)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.is_refusing:
                return
            if self.is_unavailable:
                await reader.read(PIECE_BYTES)
                writer.write(UNAVAILABLE)
                await writer.drain()
                return
            connection = Connection(self, (reader, writer), await self._server_address())
            self._connections.add(connection)
            try:
                await connection.run()
            finally:
                self._connections.discard(connection)
        except OSError:
            pass  # The server is away; so is this connection.
        finally:
            writer.transport.abort()
