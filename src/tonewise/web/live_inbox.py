"""Sound that has come and was not scored yet: bounded, and with the time at which each second was complete."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from tonewise.web.live_messages import TOO_LARGE, TRY_LATER, RefusalError

#: Seconds of sound that a client may be ahead of the clock, and that may wait to be scored. One that is further ahead (a
#: file, not a microphone) is not read from until the clock and the scoring have caught up: its own sending then waits.
AHEAD = 5.0

#: Seconds after its sound that a window may be told. What is told later is no longer live: better to say so.
LATEST = 10.0

#: Limits of a message: seconds of sound, and bytes.
MESSAGE_SECONDS, MESSAGE_BYTES = 5.0, 1 << 20


class Inbox:
    """Filled by the socket, emptied by whoever scores, on one event loop.

    Args:
        bytes_per_second: of the stream.
        hop: seconds from one window to the next.
    """

    def __init__(self, bytes_per_second: int, hop: int) -> None:
        self._second, self._hop = bytes_per_second, hop
        self._waiting = bytearray()
        self._news, self._taken = asyncio.Event(), asyncio.Event()
        self._ended = False
        self._failure: Exception | None = None
        self._started = self._latest = time.monotonic()
        self._received = 0
        self._complete: deque[float] = deque()  # when the last byte of each hop came, of windows not told yet

    def put(self, data: bytes) -> None:
        """Take in bytes.

        Raises:
            RefusalError: too many in one message.
        """
        allowed = min(MESSAGE_BYTES, int(MESSAGE_SECONDS * self._second))
        if len(data) > allowed:
            raise RefusalError(TOO_LARGE, f"a message of {len(data)} bytes of sound; at most {allowed} are allowed")
        self._latest = time.monotonic()
        hops = self._received // (self._hop * self._second)
        self._received += len(data)
        self._complete += [self._latest] * (self._received // (self._hop * self._second) - hops)
        self._waiting += data
        self._news.set()

    async def room(self) -> None:
        """Wait until the client may send on."""
        early = self._received / self._second - (time.monotonic() - self._started) - AHEAD
        await asyncio.sleep(max(early, 0.0))
        while len(self._waiting) > AHEAD * self._second:
            self._taken.clear()
            await self._taken.wait()

    def end(self, failure: Exception | None = None) -> None:
        """Nothing follows; `failure` is why, where it is not the client's wish."""
        self._latest = time.monotonic()  # what is left is told by now, however long ago it came
        self._ended, self._failure = True, failure
        self._news.set()

    async def take(self) -> bytes | None:
        """The next bytes, a second of them at most, so that streams take turns; None at the end.

        Raises:
            Exception: what `end` was given, at once: nobody waits for what was not scored yet.
        """
        while not self._waiting and not self._ended:
            self._news.clear()
            await self._news.wait()
        if self._failure is not None:
            raise self._failure
        taken = bytes(self._waiting[: self._second])
        del self._waiting[: self._second]
        self._taken.set()
        return taken or None

    def behind(self) -> float:
        """Seconds since the last byte of the next window came; windows are asked for once, in their order.

        Raises:
            RefusalError: they are too many to go on.
        """
        late = time.monotonic() - (self._complete.popleft() if self._complete else self._latest)
        if late > LATEST:
            raise RefusalError(TRY_LATER, "the server cannot keep up with the sound; try again later")
        return late
