"""The server as a process: its socket, and how it ends."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from tonewise.errors import OptionError
from tonewise.web.connection import Connection, Socket
from tonewise.web.settings import LOOPBACK_NAMES

if TYPE_CHECKING:
    from fastapi import FastAPI

    from tonewise.web.pool import Pool

_HEADER_SECONDS = 10  # that an idle connection is kept
_CLOSING_SECONDS = 5  # for answers under way, once no job is running


def is_loopback(host: str) -> bool:
    """Whether nobody outside this machine reaches a host."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host in LOOPBACK_NAMES


def listen(host: str, port: int) -> socket.socket:
    """A socket that waits for connections; port 0 takes a free one.

    Raises:
        OptionError: the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with contextlib.ExitStack() as opened:
            listening = opened.enter_context(socket.socket(family, kind, protocol))
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(1024)
            opened.pop_all()
    except (OSError, OverflowError, UnicodeError) as error:  # the last: a label of the name is empty or too long
        why = getattr(error, "strerror", None) or str(error)
        raise OptionError(
            f"{host} port {port} cannot be listened on ({why}); choose another --host or --port"
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """What a browser calls it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: FastAPI, listening: socket.socket, told: Callable[[str], None]) -> None:
    """Serve until the process is told to end.

    Args:
        app: of `create_app`.
        listening: of `listen`.
        told: gets the address once the server answers, and what happens when it is told to end.
    """
    config = uvicorn.Config(
        app,
        http=Connection,
        access_log=False,
        log_level="error",  # a line a nonsensical request would fill the disk
        server_header=False,
        proxy_headers=False,  # whoever reaches us could say anything there
        timeout_keep_alive=_HEADER_SECONDS,
        timeout_graceful_shutdown=_CLOSING_SECONDS,
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
        ws_ping_timeout=None,  # a pong waits behind the client's own sound; who sends nothing is closed as idle
        ws=Socket,
    )
    _Draining(config, app, told).run([listening])


class _Draining(uvicorn.Server):
    """At the first signal uploads are refused and running jobs may end; then, or at the second one, all is over."""

    def __init__(self, config: uvicorn.Config, app: FastAPI, told: Callable[[str], None]) -> None:
        super().__init__(config)
        self._pool: Pool = app.state.server.pool
        self._grace: float = app.state.server.settings.grace_seconds
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn's, and says where."""
        await super().startup(sockets)
        for each in sockets or []:
            self._told(address_of(each))

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal came."""
        if self._pool.draining:
            self.should_exit = True
            return
        self._pool.begin_drain()
        threading.Thread(target=self._finish, daemon=True).start()

    def _finish(self) -> None:
        if self._pool.busy:
            self._told(f"finishing what is being scored, {self._grace:.0f} s at most; once more to end at once")
        self._pool.wait_idle(self._grace)
        self.should_exit = True
