"""The changes that a tone should survive: what a recording goes through on its way, each a frozen configuration.

The idea of testing a model of speech by such changes, and of stating what may become of its score, is that of audEERING's
ser-tests (Derington, Wierstorf, Özkil, Eyben, Burkhardt and Schuller 2023, "Testing speech emotion recognition machine
learning models"). The changes here are our own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

from tonewise.audio.perturb_codec import AmrNarrowBand, Companded, Mp3, Opus
from tonewise.audio.perturb_line import Clipped, Gain, TelephoneBand
from tonewise.audio.perturb_noise import Noise
from tonewise.audio.perturb_room import Reverberation
from tonewise.audio.perturb_time import Crop, Silence, Speed
from tonewise.errors import OptionError

if TYPE_CHECKING:
    import numpy as np

#: `subtle`: people hardly notice, or would not call it another recording. `plain`: anybody hears it, and still hears tone.
Level = Literal["subtle", "plain"]


class Perturbation(Protocol):
    """Something that may happen to a sound.

    Attributes:
        name: of this change at this strength, such as "noise-white-20dB".
        family: what kind of change it is, such as "noise".
        title: name and strength for people.
        level: how much of a change people hear.
    """

    @property
    def name(self) -> str: ...

    @property
    def family(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def level(self) -> Level: ...

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Change a sound.

        Args:
            samples: float32 `(n_samples,)` at 16 kHz; left as they are.
            rng: what is drawn, where anything is.

        Returns:
            float32 `(m_samples,)` at 16 kHz; only changes of length give another m than n.

        Raises:
            AudioError: the codec is not in this build of FFmpeg.
        """


#: What `tonewise audit --robustness` does to every clip, in the order of its table.
SUITE: tuple[Perturbation, ...] = (
    *(Gain(decibels) for decibels in (-20, -10, 10)),
    *(Noise(colour, snr) for colour in ("white", "pink", "babble") for snr in (30, 20, 10)),
    TelephoneBand(),
    Companded("mu-law"),
    Companded("a-law"),
    AmrNarrowBand(7400),
    Mp3(32_000),
    Opus(12_000),
    *(Clipped(share) for share in (0.003, 0.1)),
    *(Crop(side, share) for share in (0.1, 0.2) for side in ("start", "end")),
    *(Silence(side, 0.5) for side in ("before", "after")),
    *(Reverberation(seconds) for seconds in (0.3, 0.8)),
    *(Speed(factor) for factor in (0.95, 1.05)),
)


def choose(names: Sequence[str] | None = None) -> tuple[Perturbation, ...]:
    """Changes of the suite by name or family; None = all.

    Raises:
        OptionError: there is none of that name.
    """
    if names is None:
        return SUITE
    known = {each.name for each in SUITE} | {each.family for each in SUITE}
    unknown = [name for name in names if name not in known]
    if unknown:
        families = ", ".join(dict.fromkeys(each.family for each in SUITE))
        raise OptionError(f"unknown change '{unknown[0]}'; choose a family ({families}) or one of their changes")
    return tuple(each for each in SUITE if each.name in names or each.family in names)


def perturb(samples: np.ndarray, change: Perturbation, *, seed: int = 0) -> np.ndarray:
    """Change a sound; what is drawn depends on the sound, the change and `seed` alone, not on the order of the work.

    Raises:
        AudioError: see `Perturbation.apply`.
    """
    import numpy as np

    digest = hashlib.sha256(f"{seed}\n{change.name}\n".encode() + samples.astype("<f4").tobytes()).digest()
    return change.apply(samples, np.random.default_rng(int.from_bytes(digest[:16], "big")))
