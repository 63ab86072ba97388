"""A clip as the image that VGG16 looks at: its Mel spectrogram, grey, 224 by 224."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonewise.features.base import JSON, library
from tonewise.features.mel import AMIN, TOP_DB, log_mel, log_mel_identity

if TYPE_CHECKING:
    import numpy as np

SIZE = 224  # pixels, of both sides: what VGG16 was trained on
WHITE = 255.0
RESIZING = "bilinear"


def grey_image(samples: np.ndarray) -> np.ndarray:
    """A clip's Mel spectrogram as a grey image, float32 `(224, 224)`, 0 (black) to 255; time to the right, low notes below.

    The 80 dB below the clip's loudest value become the 256 greys, so that a picture does not show how loud a recording
    was made. What is softer is black, as are digital silence and padding: exactly 0. Pillow resizes: it averages over
    all the pixels that one stands for (701 columns of time become 224), takes float32 as it is, and gives the same
    numbers under every backend of Keras.

    Args:
        samples: float32 `(n_samples,)` at 16 kHz, at least 512 of them.
    """
    import numpy as np
    from PIL import Image

    levels = log_mel(samples)
    floor = max(levels.max() - TOP_DB, 10 * np.log10(np.float32(AMIN)))
    grey = np.maximum(levels[::-1] - floor, 0.0) * np.float32(WHITE / TOP_DB)
    resized = Image.fromarray(grey.astype(np.float32)).resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    return np.asarray(resized)


def network_input(keras: Any, greys: np.ndarray) -> np.ndarray:
    """Grey images `(n, 224, 224)` as VGG16's input, float32 `(n, 224, 224, 3)`, by Keras' own preprocessing.

    The grey is taken as red, green and blue alike; `keras.applications.vgg16.preprocess_input` turns them to BGR and
    subtracts the mean colour of ImageNet.
    """
    import numpy as np

    colours = np.repeat(greys[..., np.newaxis], 3, axis=-1)
    return np.ascontiguousarray(keras.applications.vgg16.preprocess_input(colours))


def image_identity() -> dict[str, JSON]:
    """What the image depends on."""
    return {
        **log_mel_identity(),
        "image": [SIZE, SIZE],
        "resizing": RESIZING,
        "preprocessing": "caffe",
        "pillow": library("pillow"),
    }
