"""The numbers of a voice's baseline as a `.npy` file of exactly one kind, so that nothing of others' is ever interpreted."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tonewise.errors import BundleError

if TYPE_CHECKING:
    import numpy as np


def to_npy(array: np.ndarray) -> bytes:
    """An array as the bytes of a `.npy` file."""
    import numpy as np

    written = io.BytesIO()
    np.save(written, array, allow_pickle=False)
    return written.getvalue()


def read_npy(data: bytes, dimensions: int, source: str) -> np.ndarray:
    """Means and deviations, float64 `(2, dimensions)`, from the bytes that `numpy.save` makes of such an array.

    The header is compared and not parsed: there is no pickle, no other shape and no other type that could be asked for.

    Raises:
        BundleError: they are something else, not finite, or deviations are not positive.
    """
    import numpy as np

    expected = to_npy(np.zeros((2, dimensions)))
    start = len(expected) - 16 * dimensions
    if len(data) != len(expected) or data[:start] != expected[:start]:
        raise BundleError(f"{source}: the numbers of everybody are no {dimensions} means and deviations; copy it again")
    found = np.frombuffer(data, dtype="<f8", offset=start).reshape(2, dimensions)
    if not np.isfinite(found).all() or (found[1] <= 0).any():
        raise BundleError(f"{source}: the numbers of everybody are no means and deviations; copy it again")
    return found
