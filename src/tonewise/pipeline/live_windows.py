"""Windows of 16 kHz sound, one ending with every hop of a stream, whatever its rate and however it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.errors import OptionError
from tonewise.pipeline.live_sound import RATES
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

WINDOW, HOP = 4, 1  # seconds: a window is as long as a sentence, and one ends with every second

LONGEST = 30  # seconds a window may have

#: Seconds before a window that the resampler hears first: its filter wants neighbours, and whole seconds keep the phase at
#: any rate. Of what follows a window it hears nothing, so that nobody waits: the last 7 ms are a little blurred, as at the
#: end of every file. (A streaming resampler would hold back 37 ms at 48 kHz and 115 ms at 8 kHz, until more messages come.)
BEFORE = 1


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a stream: `start` and `end` in seconds from its beginning, `samples` float32 `(n,)` at 16 kHz."""

    start: float
    end: float
    samples: np.ndarray


def check_windows(window: int, hop: int) -> None:
    """Refuse windows that cannot be.

    Raises:
        OptionError: not whole seconds, or a hop that leaves gaps between windows.
    """
    if not (isinstance(window, int) and isinstance(hop, int) and 1 <= hop <= window <= LONGEST):
        raise OptionError(
            f"windows of {window} s every {hop} s are impossible; expected whole seconds, 1 to {LONGEST}, and a hop that is "
            "no longer than a window"
        )


def spans(duration: float, window: int, hop: int) -> Iterator[tuple[float, float]]:
    """Starts and ends of the windows of so many seconds of sound; the last one ends with the sound."""
    end = 0.0
    while end < duration:
        due = end + hop
        end = min(due, duration)
        yield max(due - window, 0.0), end


class WindowCutter:
    """Cuts windows out of samples as they come; keeps no more than a window and its neighbourhood.

    A window's samples depend on the stream alone, never on how it was cut into messages.

    Args:
        rate: of the stream in Hz.
        window, hop: whole seconds; see `check_windows`.

    Raises:
        OptionError: an impossible rate, window or hop.
    """

    def __init__(self, rate: int, *, window: int = WINDOW, hop: int = HOP) -> None:
        import numpy as np

        least, most = RATES
        if not least <= rate <= most:
            raise OptionError(f"live sound at {rate} Hz is impossible; expected {least} to {most} samples a second")
        check_windows(window, hop)
        self._rate, self._window, self._hop = rate, window, hop
        self._kept = np.zeros(0, dtype=np.float32)
        self._first = 0  # which sample of the stream `_kept` begins with
        self._due = hop  # second that the next window ends with

    def feed(self, samples: np.ndarray) -> Iterator[Window]:
        """Windows that are complete with these samples."""
        self._keep(samples)
        while self._total >= self._due * self._rate:
            yield self._next(self._due * self._rate)

    def finish(self) -> Iterator[Window]:
        """The windows that nothing more is to be waited for; the last one ends with the sound."""
        while self._total > (self._due - self._hop) * self._rate:
            yield self._next(min(self._due * self._rate, self._total))

    @property
    def _total(self) -> int:
        return self._first + len(self._kept)

    def _keep(self, samples: np.ndarray) -> None:
        import numpy as np

        self._kept = np.concatenate([self._kept, samples])

    def _next(self, last: int) -> Window:
        """The window that is due, which ends before sample `last`; forgets what no later window wants."""
        start = max(self._due - self._window, 0)
        samples = self._heard(start * self._rate, last)
        self._due += self._hop
        self._forget(max(self._due - self._window - BEFORE, 0) * self._rate)
        return Window(float(start), last / self._rate, samples)

    def _forget(self, before: int) -> None:
        gone = max(before - self._first, 0)
        self._kept = self._kept[gone:].copy()
        self._first += gone

    def _heard(self, start: int, last: int) -> np.ndarray:
        """Samples `start` to `last` of the stream at 16 kHz."""
        before = min(BEFORE * self._rate, start)
        return resampled(self._kept[start - before - self._first : last - self._first], self._rate, before)


def resampled(samples: np.ndarray, rate: int, before: int) -> np.ndarray:
    """A window at 16 kHz, by its samples with the `before` ones that precede it (those of `BEFORE` seconds, or all)."""
    import numpy as np

    if rate == SAMPLE_RATE:
        return samples[before:]
    import soxr

    whole: np.ndarray = soxr.resample(samples, rate, SAMPLE_RATE)
    first, wanted = round(before * SAMPLE_RATE / rate), round((len(samples) - before) * SAMPLE_RATE / rate)
    heard = whole[first : first + wanted].astype(np.float32, copy=False)
    return np.pad(heard, (0, wanted - len(heard)))
