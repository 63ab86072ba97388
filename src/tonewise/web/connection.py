"""Connections as a server keeps them that trusts nobody: who says nothing, or does not listen, is let go of.

uvicorn waits for ever for the rest of a request's head, and for a client to take in what it was sent.
"""

from __future__ import annotations

import asyncio
import resource

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: Seconds for the head of a request, from the opening of the connection or the end of the answer before.
HEAD_SECONDS = 15.0

#: Seconds for which the rest of a body is thrown away, once it was answered: most clients send all before they listen.
REST_SECONDS = 60.0

#: Seconds for which a client may take in nothing of an answer.
LISTEN_SECONDS = 60.0

#: Connections at a time; half the files that the process may open are left to it.
MOST = min(2_000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)


class _Listener(asyncio.Protocol):
    """Cuts the connection of a client that does not take in what it asked for."""

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport
    _deaf: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._heard()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not take in what it is sent."""
        super().pause_writing()
        self._deaf = self._deaf or self.loop.call_later(LISTEN_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It does."""
        super().resume_writing()
        self._heard()

    def _heard(self) -> None:
        if self._deaf is not None:
            self._deaf.cancel()
            self._deaf = None


class Connection(_Listener, H11Protocol):
    """Requests, one after the other. It is always h11 that reads them: other parsers set no limit to a head."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody calls; one too many is not answered."""
        super().connection_made(transport)
        if len(self.connections) > MOST:
            transport.abort()
        else:
            self._expect(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some more of a request."""
        super().data_received(data)
        self._settle()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """The live socket takes over; it has deadlines of its own."""
        self._expect(None)
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """A request was answered; the next one may be under way already."""
        unread = self.conn.their_state is h11.SEND_BODY
        super().on_response_complete()
        self._expect(REST_SECONDS if unread else HEAD_SECONDS)
        self._settle()

    def _settle(self) -> None:
        """While a request is served, there is no deadline for the next one."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect(None)

    def _expect(self, seconds: float | None) -> None:
        """A request within so many seconds from now; None = whenever it likes."""
        if self._head is not None:
            self._head.cancel()
        # Not `close`: that waits for the client to take in what was sent.
        self._head = None if seconds is None else self.loop.call_later(seconds, self.transport.abort)


class Socket(_Listener, WebSocketsSansIOProtocol):
    """A live socket."""
