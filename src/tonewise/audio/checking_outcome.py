"""What one recording of a stranger may take, and what became of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from tonewise.errors import OptionError

#: What becomes of a file.
DECODED, REFUSED, CRASHED, TIMED_OUT, SWOLLEN = "decoded", "refused", "crashed", "timed out", "memory"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take.

    Attributes:
        seconds: of time, by the clock and of the processor.
        bytes: of the file.
        duration: seconds of sound.
        channels: of the sound.
        memory: bytes beyond what the decoders take when they are loaded.

    Raises:
        OptionError: a limit is not above zero.
    """

    seconds: float = 300.0
    bytes: int = 4 << 30
    duration: float = 24 * 3600.0
    channels: int = 16
    memory: int = 1 << 30

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not value > 0:
                raise OptionError(f"a limit of {value:g} for '{name}' lets nothing pass; expected more than 0")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be decoded here: seconds of sound that came out, its rate in Hz, its channels.

    `damaged` says where decoding ended early, in one line, and is None where it did not: that is harmless, and for whoever
    hears the file to tell.
    """

    path: str
    duration: float
    sample_rate: int
    channels: int
    damaged: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file.

    Attributes:
        kind: `DECODED`, `REFUSED`, `CRASHED`, `TIMED_OUT` or `SWOLLEN` (too much memory).
        why: one line, None where it was decoded.
        checked: what came out, None where nothing may be used.
        traceback: of a mistake in tonewise itself, None where there was none.
        lasting: whether it would be the same another time: not where time was short, or somebody killed the process.
    """

    kind: str
    why: str | None = None
    checked: Checked | None = None
    traceback: str | None = None
    lasting: bool = True


def crashed(path: str, how: str) -> str:
    """What is said of a file that made the decoder crash."""
    return f"{path} made the decoder crash ({how}); left out: it is damaged, or made to do so; export it again"


def swollen(path: str, limits: Limits) -> str:
    """What is said of a file that needs too much memory."""
    return (
        f"{path} made the decoder ask for more than {limits.memory / 1e6:,.0f} MB of memory; left out: it is damaged, or "
        "made to do so; export it again"
    )
