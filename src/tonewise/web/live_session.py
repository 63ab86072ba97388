"""One live socket from its first message to its last: sound comes in, and every second a line of JSON goes out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.websockets import WebSocket, WebSocketDisconnect

from tonewise.errors import InputError, TonewiseError
from tonewise.pipeline.live import HOP, WINDOW, LiveScorer, LiveWindow
from tonewise.web.live_inbox import AHEAD, MESSAGE_BYTES, Inbox
from tonewise.web.live_messages import (
    BAD_INPUT,
    BROKEN,
    DONE,
    NOT_ALLOWED,
    TOO_LARGE,
    Hello,
    RefusalError,
    is_end,
    parse_hello,
)
from tonewise.web.security import authorised, is_token

if TYPE_CHECKING:
    from tonewise.pipeline.loading import LoadedModel
    from tonewise.web.settings import Settings

#: Seconds that a client may take to say what it will send, and to read what it is told.
HELLO_SECONDS, READING_SECONDS = 10.0, 10.0

#: However small they are: each costs the event loop, which all share. A browser's smallest block makes 375.
MESSAGES_A_SECOND = 1_000

Result = TypeVar("Result")


class Session:
    """What one socket says and hears. The socket must have been accepted.

    Args:
        socket: to talk on.
        model: what hears.
        settings: limits, and the token.
        pool: threads that score, shared by all sockets: the event loop only passes bytes on.
        warm: done when the model is ready to hear.
        seats: entered while the stream lasts; refuses where none is free.
    """

    def __init__(
        self,
        socket: WebSocket,
        model: LoadedModel,
        settings: Settings,
        pool: Executor,
        warm: Future[None],
        seats: AbstractContextManager[None],
    ) -> None:
        self._socket, self._model, self._settings, self._pool = socket, model, settings, pool
        self._warm, self._seats = warm, seats
        self._began, self._messages = time.monotonic(), 0

    async def run(self) -> None:
        """Until the sound ends.

        Raises:
            RefusalError: the client broke a rule; tell it why.
            WebSocketDisconnect: it has gone.
        """
        hello = await self._first()
        with self._seats:  # not before: strangers to the token would take them all
            await self._stream(await self._greet(hello))

    async def _stream(self, scorer: LiveScorer) -> None:
        inbox = Inbox(scorer.bytes_per_second, HOP)
        reader = asyncio.create_task(self._read(inbox))
        try:
            async with asyncio.timeout(self._settings.live_seconds):
                await self._score(scorer, inbox)
        except TimeoutError as error:
            seconds = self._settings.live_seconds
            raise RefusalError(NOT_ALLOWED, f"a live stream may last {seconds:g} s here; open another one") from error
        finally:
            reader.cancel()

    async def _first(self) -> Hello:
        try:
            async with asyncio.timeout(HELLO_SECONDS):
                first = await self._receive()
        except TimeoutError as error:
            raise RefusalError(NOT_ALLOWED, f"no first message within {HELLO_SECONDS:g} s") from error
        if not isinstance(first, str):
            raise RefusalError(BAD_INPUT, "the first message is binary; say in JSON what the sound is, then send it")
        hello = parse_hello(first)
        if not authorised(self._socket.headers, self._settings) and not is_token(hello.token or "", self._settings):
            raise RefusalError(NOT_ALLOWED, "the token is missing or wrong; send it as bearer or in the first message")
        return hello

    async def _greet(self, hello: Hello) -> LiveScorer:
        scorer = self._scorer(hello)
        await self._done(asyncio.wrap_future(self._warm))
        about = {"ready": True, "window": WINDOW, "hop": HOP, "tone_scale": self._model.scale.says}
        await self._send(about)
        return scorer

    def _scorer(self, hello: Hello) -> LiveScorer:
        sound = {"rate": hello.rate, "encoding": hello.encoding, "channels": hello.channels, "channel": hello.channel}
        try:
            scorer = LiveScorer(self._model, **sound)  # type: ignore[arg-type]
        except InputError as error:
            raise RefusalError(BAD_INPUT, str(error)) from error
        if scorer.bytes_per_second > 2 * MESSAGE_BYTES:
            raise RefusalError(
                TOO_LARGE, f"{scorer.bytes_per_second} bytes a second; at most {2 * MESSAGE_BYTES} are allowed"
            )
        return scorer

    async def _read(self, inbox: Inbox) -> None:
        """Fill the inbox; a client that is ahead of the clock is not listened to until it is not."""
        failure: Exception | None = WebSocketDisconnect(BROKEN)
        try:
            while not isinstance(message := await self._next(), str):
                inbox.put(message)
                await inbox.room()
            is_end(message)
            failure = None
        except (RefusalError, WebSocketDisconnect) as error:
            failure = error
        finally:
            inbox.end(failure)

    async def _next(self) -> str | bytes:
        """The next message that says something."""
        try:
            async with asyncio.timeout(self._settings.live_idle_seconds):
                while not (message := await self._receive()):
                    pass
        except TimeoutError as error:
            seconds = self._settings.live_idle_seconds
            raise RefusalError(NOT_ALLOWED, f"no sound for {seconds:g} s; silence has to be sent, too") from error
        return message

    async def _receive(self) -> str | bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", BROKEN))
        self._messages += 1
        if self._messages > MESSAGES_A_SECOND * (time.monotonic() - self._began + AHEAD):
            raise RefusalError(NOT_ALLOWED, f"more than {MESSAGES_A_SECOND} messages a second; send larger ones")
        text: str | None = message.get("text")
        return text if text is not None else message.get("bytes") or b""

    async def _score(self, scorer: LiveScorer, inbox: Inbox) -> None:
        told = 0
        while (data := await inbox.take()) is not None:
            told += await self._tell(await self._work(scorer.feed, data), inbox)
        told += await self._tell(await self._work(scorer.finish), inbox)
        await self._send({"done": True, "windows": told})
        await self._socket.close(DONE)

    async def _work(self, what: Callable[..., Result], *given: Any) -> Result:
        return await self._done(asyncio.get_running_loop().run_in_executor(self._pool, what, *given))

    async def _done(self, work: Awaitable[Result]) -> Result:
        """What was done in the pool. Its errors are told as what a client may know: no paths of this machine."""
        try:
            return await asyncio.shield(work)  # a thread cannot be stopped
        except InputError as error:
            raise RefusalError(BAD_INPUT, str(error)) from error
        except TonewiseError as error:
            raise RefusalError(BROKEN, "the model cannot be used; ask whoever runs the server") from error

    async def _tell(self, windows: list[LiveWindow], inbox: Inbox) -> int:
        for window in windows:
            await self._send({**rounded(window), "behind_ms": round(inbox.behind() * 1000)})
        return len(windows)

    async def _send(self, what: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(READING_SECONDS):
                await self._socket.send_json(what)
        except TimeoutError as error:
            raise WebSocketDisconnect(BROKEN, "the client does not read") from error


def rounded(window: LiveWindow) -> dict[str, Any]:
    """A window as JSON: four digits say all that a tone has to say."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(window).items()}
