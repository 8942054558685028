"""Sockets and streams end with the session behind them, whether a hint tells of it or not."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from api.app import create_app
from api.limits import Limits
from api.server import LabServer
from api.sessions import EXPIRED, REVOKED, LiveSessions
from bootstrap.container import Container
from bootstrap.settings import RedisSettings, Settings
from client.studio import Studio
from client.transport import LabTransport, RequestRefused
from domain.accounts.models import Grant
from domain.accounts.ports import SESSIONS_KEY
from domain.accounts.use_cases import refresh_session
from domain.errors import Unavailable
from tests.api.asking import ask_as
from tests.api.test_server import http, real
from tests.api.test_sockets import begun, closing, receive, send, subscribe
from tests.api.test_streams import streaming, told
from tests.api.toy import ToyServices
from tests.builders_accounts import signed_up
from tests.serving import listening

__all__ = ["http", "real"]
REFRESH = "mutation($token: String!) { refreshSession(input: {refreshToken: $token}) { __typename } }"
PASSWORD = "correct horse battery"
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
SIGN_OUT = "mutation { signOut { sessionId } }"


async def test_a_socket_is_closed_when_its_session_is_revoked(server: LabServer, services: ToyServices) -> None:
    async with begun(server, {"authorization": "Bearer viewer"}) as socket, begun(server) as nobody:
        await subscribe(socket, "a", "subscription { waiting }")
        services.are_signed_out = True
        services.toys.ring(SESSIONS_KEY)
        assert await closing(socket) == 4403
        await send(nobody, type="ping")
        assert await receive(nobody) == {"type": "pong"}


async def test_our_client_does_not_come_back_with_a_session_that_counts_no_more(
    server: LabServer, services: ToyServices
) -> None:
    async with LabTransport(f"http://127.0.0.1:{server.port}") as transport, asyncio.timeout(10):
        transport.token = "viewer"
        events = transport.subscribe("subscription { waiting }", {}, cursor_of=lambda _data: None)
        first = asyncio.ensure_future(anext(events))
        await services.started.wait()
        services.are_signed_out = True
        services.toys.ring(SESSIONS_KEY)
        with pytest.raises(RequestRefused, match=REVOKED) as refused:
            await first
    assert refused.value.codes == ["4403"]


async def test_our_client_goes_on_with_a_new_token_where_it_gets_one(server: LabServer, services: ToyServices) -> None:
    async with LabTransport(f"http://127.0.0.1:{server.port}") as transport, asyncio.timeout(10):
        transport.token = "viewer"
        renewals: list[str | None] = []

        async def renew() -> bool:
            renewals.append(transport.token)
            services.are_signed_out = False
            transport.token = "editor"
            return True

        transport.renew = renew
        events = transport.subscribe("subscription { waiting }", {}, cursor_of=lambda _data: None)
        first = asyncio.ensure_future(anext(events))
        await services.started.wait()
        services.started.clear()
        services.are_signed_out = True
        services.toys.ring(SESSIONS_KEY)
        await services.started.wait()
        first.cancel()
    assert renewals == ["viewer"]


async def test_a_studio_stays_signed_in_beyond_its_token(real: LabServer) -> None:
    async with LabTransport(f"http://127.0.0.1:{real.port}") as transport:
        await Studio(transport).sign_up(email="ada@example.org", password=PASSWORD, name="Ada")
        transport.token = "over"
        assert (await transport.execute("{ me { user { name } } }"))["me"]["user"]["name"] == "Ada"
        assert transport.token != "over"


async def test_our_client_comes_back_from_what_passes_and_not_from_what_stays() -> None:
    answers = [b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", b"", NOT_FOUND]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers.pop(0))
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as proxy:
        url = f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
        async with LabTransport(url) as transport, asyncio.timeout(10):
            with pytest.raises(InvalidStatus, match="404"):
                await anext(transport.subscribe("subscription { waiting }", {}, cursor_of=lambda _data: None))
    assert not answers


@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_a_stream_says_why_it_ends(server: LabServer, services: ToyServices, how: str) -> None:
    services.lifetime = timedelta(minutes=15) if how == "revoked" else timedelta(milliseconds=50)
    async with streaming(server, "subscription { waiting }", token="viewer") as response:
        if how == "revoked":
            await services.started.wait()
            services.are_signed_out = True
            services.toys.ring(SESSIONS_KEY)
        last, end = await told(response, 2)
    (error,) = json.loads(last["data"])["errors"]
    assert error == {"message": REVOKED if how == "revoked" else EXPIRED, "extensions": {"code": "UNAUTHENTICATED"}}
    # On a busy machine a token can expire before its operation has begun.
    assert (end["event"], services.cancelled.is_set()) == ("complete", services.started.is_set())


async def test_a_stream_whose_session_cannot_be_watched_ends_before_it_begins(
    server: LabServer, services: ToyServices
) -> None:
    services.absences = [Unavailable("The database does not answer.")]
    async with streaming(server, "subscription { waiting }", token="viewer") as response:
        last, end = await told(response, 2)
    (error,) = json.loads(last["data"])["errors"]
    assert error == {"message": "The database does not answer.", "extensions": {"code": "UNAVAILABLE"}}
    assert (end["event"], services.started.is_set()) == ("complete", False)


async def test_a_stream_that_is_open_to_everybody_bears_a_bad_token(server: LabServer) -> None:
    async with streaming(server, "subscription { count(to: 1) }", token="forged") as response:
        event, end = await told(response, 2)
    assert (event["data"], end["event"]) == ('{"data":{"count":1}}', "complete")


async def test_all_callers_are_checked_at_once_without_any_hint() -> None:
    services, ended = ToyServices(), asyncio.Queue[str]()
    sessions = LiveSessions(services, check_seconds=0.01, rest_seconds=0)
    with ExitStack() as stack:
        for _ in range(100):
            stack.callback(sessions.watch(await services.authenticate("viewer"), ended.put_nowait).release)
        services.are_signed_out = True
        async with asyncio.timeout(5):
            assert {await ended.get() for _ in range(100)} == {REVOKED}
    assert set(services.checks) == {100}


async def test_a_check_that_breaks_is_not_the_last() -> None:
    services, ended = ToyServices(), asyncio.Queue[str]()
    services.troubles = [Unavailable("The database does not answer."), Unavailable("The column is gone.")]
    sessions = LiveSessions(services, check_seconds=0.01, rest_seconds=0)
    with ExitStack() as stack:
        stack.callback(sessions.watch(await services.authenticate("viewer"), ended.put_nowait).release)
        services.are_signed_out = True
        async with asyncio.timeout(5):
            assert await ended.get() == REVOKED
    assert not services.troubles


async def test_signing_out_closes_the_sockets_of_that_session_alone(
    real: LabServer, http: httpx.AsyncClient, container: Container
) -> None:
    grants = [await signed_up(container, email=f"{name}@example.org", now=container.now()) for name in ("ada", "bob")]
    tokens = [{"authorization": f"Bearer {grant.access_token}"} for grant in grants]
    async with begun(real, tokens[0]) as mine, begun(real, tokens[0]) as other, begun(real, tokens[1]) as theirs:
        await ask_as(http, grants[0].access_token, SIGN_OUT)
        assert [await closing(socket) for socket in (mine, other)] == [4403, 4403]
        await send(theirs, type="ping")
        assert await receive(theirs) == {"type": "pong"}


class TestRedisAway:
    """A lab whose Redis never answers, and whose revocations come from a process that nobody hears."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"redis": RedisSettings.model_validate({"url": "redis://127.0.0.1:1/0"})})

    @pytest.fixture
    async def lone(self, container: Container) -> AsyncIterator[LabServer]:
        limits, stopping = replace(Limits(), session_check_seconds=0.1), asyncio.Event()
        app = create_app(container, limits=limits, stopping=stopping)
        server = LabServer(app, host="127.0.0.1", port=0, limits=limits, stopping=stopping)
        async with listening(server):
            yield server

    async def refresh(self, container: Container, grant: Grant) -> None:
        async with container.database.work() as work:
            await refresh_session(
                work,
                credentials=container.credentials,
                refresh_token=grant.refresh_token,
                token_id=container.new_id(),
                lifetimes=container.lifetimes,
                now=container.now(),
            )

    async def test_a_refresh_token_used_twice_closes_the_sockets(self, lone: LabServer, container: Container) -> None:
        grant = await signed_up(container, now=container.now())
        async with begun(lone, {"authorization": f"Bearer {grant.access_token}"}) as socket:
            await self.refresh(container, grant)
            await send(socket, type="ping")
            assert await receive(socket) == {"type": "pong"}
            await self.refresh(container, grant)
            assert await closing(socket) == 4403
