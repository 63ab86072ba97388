"""Sounds decoded ahead of the encoders: recording by recording in threads, into a buffer of bounded length."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from tonewise.errors import AudioError
from tonewise.records import Clip

if TYPE_CHECKING:
    import numpy as np

#: Decodes clips of one recording, in the order of time: of each in turn its samples, or why it cannot be heard.
Listen = Callable[[Sequence[Clip]], Generator["np.ndarray | AudioError", None, None]]

DECODERS = 2  # threads; libsndfile, FFmpeg and soxr let the others run
AHEAD_CLIPS = 32
AHEAD_SECONDS = 120.0  # of sound that waits to be encoded


def length(clip: Clip) -> float:
    """Seconds of a clip with the silence around it."""
    return clip.before + clip.duration + clip.after


def by_recording(clips: Iterable[Clip]) -> list[list[Clip]]:
    """Distinct clips of each recording in the order of time; recordings in the order in which they first come."""
    found: dict[tuple[str, str | None], dict[Clip, None]] = {}
    for clip in clips:
        found.setdefault((clip.audio, clip.raw), {})[clip] = None
    return [sorted(each, key=lambda clip: (clip.start, clip.duration)) for each in found.values()]


def decoded_ahead(
    recordings: Sequence[Sequence[Clip]], listen: Listen
) -> Generator[tuple[Clip, np.ndarray | AudioError], None, None]:
    """Every clip with its sound, decoded in threads while the ones before are encoded; of a recording in order.

    Closing the generator ends the threads: an interrupt does not wait for sounds that nobody will encode.
    """
    buffer = _Buffer(recordings, listen)
    threads = [
        threading.Thread(target=buffer.work, name=f"decode-{number}", daemon=True)
        for number in range(min(DECODERS, len(recordings)))
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in range(sum(map(len, recordings))):
            yield buffer.get()
    finally:
        buffer.stop()
        for thread in threads:
            thread.join()


class _Buffer:
    """What decoders put and an encoder gets; a clip longer than the buffer is let in when it is empty."""

    def __init__(self, recordings: Sequence[Sequence[Clip]], listen: Listen) -> None:
        self._todo = deque(recordings)
        self._listen = listen
        self._waiting: deque[tuple[Clip, np.ndarray | AudioError]] = deque()
        self._seconds = 0.0
        self._changed = threading.Condition()
        self._stopped = False
        self._failure: BaseException | None = None

    def work(self) -> None:
        """Decode recordings until none is left."""
        try:
            while (clips := self._next()) is not None:
                with closing(self._listen(clips)) as sounds:
                    for clip, sound in zip(clips, sounds, strict=True):
                        if not self._put(clip, sound):
                            return
        except BaseException as error:  # noqa: BLE001 - it is raised again where the sounds are got
            self._fail(error)

    def get(self) -> tuple[Clip, np.ndarray | AudioError]:
        """The next clip that is decoded.

        Raises:
            BaseException: whatever a decoder raised.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._failure)
            if self._failure is not None:
                raise self._failure
            clip, sound = self._waiting.popleft()
            self._seconds -= length(clip)
            self._changed.notify_all()
            return clip, sound

    def stop(self) -> None:
        """Have the decoders end after the clip at hand."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def _next(self) -> Sequence[Clip] | None:
        with self._changed:
            return None if self._stopped or not self._todo else self._todo.popleft()

    def _put(self, clip: Clip, sound: np.ndarray | AudioError) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._has_room(clip))
            if self._stopped:
                return False
            self._waiting.append((clip, sound))
            self._seconds += length(clip)
            self._changed.notify_all()
            return True

    def _has_room(self, clip: Clip) -> bool:
        full = len(self._waiting) >= AHEAD_CLIPS or self._seconds + length(clip) > AHEAD_SECONDS
        return not self._waiting or not full

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()
