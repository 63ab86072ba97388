"""The log-Mel front end of Whisper, through faster-whisper."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

HOP = 160  # samples = 10 ms a frame
FRAMES_A_STEP = 2  # the encoder's convolution halves the frame rate: one step is 20 ms


def whisper_log_mel(samples: np.ndarray, n_mels: int = 80) -> np.ndarray:
    """Log-Mel frames as Whisper was trained on, float32 `(n_mels, n_samples // 160)`, without padding to 30 s.

    Values lie within 2 (8 bels / 4) of the loudest one of the same window.

    Args:
        samples: float32 `(n_samples,)` at 16 kHz, more than 200 of them.
        n_mels: 80, or 128 for large-v3.
    """
    import numpy as np

    return np.ascontiguousarray(_front_end(n_mels)(samples, padding=0), dtype=np.float32)


@functools.cache
def _front_end(n_mels: int) -> Any:
    from faster_whisper.feature_extractor import FeatureExtractor

    return FeatureExtractor(feature_size=n_mels)
