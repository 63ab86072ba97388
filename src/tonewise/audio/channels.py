"""Channels of a recording against one another."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.audio.decode import Recording

if TYPE_CHECKING:
    import numpy as np

#: Seconds decoded at a time: a day-long recording takes no more memory than this.
BLOCK = 60.0

#: Two channels are copies where they differ by less than 60 dB below what is heard, or by less than half a step of 16 bits:
#: lossy formats and dither leave that much.
_RELATIVE = 1e-3
_ABSOLUTE = 0.5 / 32_768


def identical_channels(path: str | Path) -> bool:
    """Whether a recording has several channels and all are copies of one: mono that was saved as stereo.

    Decodes block by block and stops at the first that differs; silence differs from nothing.

    Raises:
        AudioError: the recording cannot be decoded.
    """
    with Recording(path) as recording:
        return recording.channels > 1 and all(_alike(*block.T) for block in recording.blocks(BLOCK))


def _alike(first: np.ndarray, *others: np.ndarray) -> bool:
    import numpy as np

    with np.errstate(invalid="ignore", over="ignore"):  # samples that are no numbers are like no others
        allowed = max(_RELATIVE * float(np.sqrt(np.mean(np.square(first)))), _ABSOLUTE)
        return all(float(np.sqrt(np.mean(np.square(other - first)))) <= allowed for other in others)
