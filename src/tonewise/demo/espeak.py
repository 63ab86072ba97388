"""espeak-ng as a function from phrases to sounds; the library itself runs in a process of its own."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.errors import MissingExtraError, TonewiseError

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 22_050  # Hz, of everything espeak-ng says

_PROGRAM = Path(__file__).resolve().with_name("engine.py")  # it runs in another folder
_SECONDS_AT_MOST = 120.0  # for one run; twenty sentences take a tenth of a second


@dataclass(frozen=True, slots=True)
class Phrase:
    """What is said by whom: `voice` is a language and a variant of espeak-ng ("en-us+f2").

    `rate` is words a minute (80..450); `pitch` and `range` are 0..100 with 50 for the voice's own.
    """

    voice: str
    text: str
    rate: int
    pitch: int
    range: int


@dataclass(frozen=True, slots=True)
class Speech:
    """The sounds of one run, int16 at `SAMPLE_RATE`, in the order asked, and the library's `version`."""

    sounds: list[np.ndarray]
    version: str


def speak(phrases: Sequence[Phrase], *, seed: int = 0) -> Speech:
    """Speak the phrases in one fresh engine: the same phrases in the same order are the same samples.

    Raises `MissingExtraError` where espeakng-loader is not installed and `TonewiseError` where espeak-ng
    refuses, crashes or hangs.
    """
    import numpy as np

    library, data = _locate()
    request = {
        "library": library,
        "seed": seed,
        "phrases": [asdict(phrase) for phrase in phrases],
    }
    answer = _run(json.dumps(request).encode(), Path(data).parent)
    head, _, body = answer.partition(b"\n")
    about = json.loads(head)
    if about["rate"] != SAMPLE_RATE:
        raise TonewiseError(
            f"espeak-ng speaks at {about['rate']} Hz, expected {SAMPLE_RATE}: "
            "pip install --force-reinstall 'tonewise[demo]'"
        )
    sounds = [np.frombuffer(sound, dtype=np.int16) for sound in _unpack(body)]
    return Speech(sounds, about["version"])


def require_espeak() -> None:
    """Raise `MissingExtraError` unless the demo's extra is installed."""
    _locate()


def _locate() -> tuple[str, str]:
    """Paths of the library and of its voices."""
    try:
        import espeakng_loader
    except ImportError as missing:
        raise MissingExtraError("the demo corpus", "demo") from missing
    try:
        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except RuntimeError as broken:  # what the loader raises when its data folder is gone
        raise TonewiseError(
            "espeakng-loader has lost its voices: pip install --force-reinstall 'tonewise[demo]'"
        ) from broken


def _run(request: bytes, folder: Path) -> bytes:
    # -I -S: the program needs the standard library alone, whatever the caller's paths are.
    command = [sys.executable, "-I", "-S", str(_PROGRAM)]
    try:
        done = subprocess.run(
            command, input=request, capture_output=True, timeout=_SECONDS_AT_MOST, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired as late:
        raise TonewiseError(
            f"espeak-ng did not answer within {_SECONDS_AT_MOST:.0f} s; "
            "try again, or pip install --force-reinstall 'tonewise[demo]'"
        ) from late
    except OSError as failed:
        raise TonewiseError(f"the demo's voices cannot be started: {failed}; expected a Python to run") from failed
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [f"status {done.returncode}"]
        how = f"was ended by signal {-done.returncode}" if done.returncode < 0 else f"failed: {last[0]}"
        raise TonewiseError(f"espeak-ng {how}; pip install --force-reinstall 'tonewise[demo]' may mend it")
    return done.stdout


def _unpack(body: bytes) -> list[bytes]:
    sounds, at = [], 0
    while at < len(body):
        (size,) = struct.unpack_from("<I", body, at)
        sounds.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    return sounds
