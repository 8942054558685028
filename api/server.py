"""The server process: uvicorn around the application, stopped in an order that no client mistakes for the end."""

import asyncio
import signal
import socket
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import uvicorn
import uvloop
from starlette.types import ASGIApp

from api.app import create_app
from api.limits import Limits
from api.transport.lines import SocketLine, bounded_line
from bootstrap.container import open_container
from bootstrap.health import dependency_checks
from bootstrap.settings import LOOPBACK, Settings, load_settings
from bootstrap.telemetry import configure_logging

GRACE_SECONDS = 10
PING_SECONDS = 20.0


class LabServer(uvicorn.Server):
    """Ends event streams first, closes sockets with 1012 (come back), lets requests finish, then goes.

    `stopping` is shared with the application (see `create_app`). `trusted_proxies` are believed for whom they speak.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        host: str,
        port: int,
        limits: Limits,
        stopping: asyncio.Event,
        trusted_proxies: Sequence[str] = LOOPBACK,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_config=None,
                access_log=False,
                server_header=False,
                lifespan="off",
                http=bounded_line(limits),
                ws=SocketLine,
                ws_max_size=limits.socket_message_bytes_max,
                ws_ping_interval=PING_SECONDS,
                ws_ping_timeout=PING_SECONDS,
                # Deflate keeps some 64 KiB a socket, and our messages are small.
                ws_per_message_deflate=False,
                proxy_headers=True,
                forwarded_allow_ips=list(trusted_proxies),
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on a signal, and return: uvicorn's own would raise it again and end the process before its clean-up."""
        loop, signals = asyncio.get_running_loop(), (signal.SIGINT, signal.SIGTERM)
        for each in signals:
            loop.add_signal_handler(each, self._asked_to_stop)
        try:
            yield
        finally:
            for each in signals:
                loop.remove_signal_handler(each)

    def _asked_to_stop(self) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stopping.set()
        await super().shutdown(sockets)

    @property
    def port(self) -> int:
        """Where it listens, also when it was left to choose."""
        addresses: Sequence[tuple[str, int]] = [each.getsockname() for each in self.servers[0].sockets]
        return addresses[0][1]


async def serve(settings: Settings) -> None:
    """Serve until asked to stop."""
    limits, stopping = Limits(), asyncio.Event()
    async with open_container(settings) as container:
        app = create_app(
            container,
            checks=dependency_checks(container),
            cors_origins=settings.api.cors_origins,
            limits=limits,
            stopping=stopping,
        )
        server = LabServer(
            app,
            host=settings.api.host,
            port=settings.api.port,
            limits=limits,
            stopping=stopping,
            trusted_proxies=settings.api.trusted_proxies,
        )
        await server.serve()


def main() -> None:
    """Run the server as a process; settings come from the environment."""
    settings = load_settings()
    configure_logging(settings.log_format)
    uvloop.run(serve(settings))
