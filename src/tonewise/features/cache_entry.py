"""One vector in a file of the cache: NPY, and behind it a line that tells its kind and whether every bit is as it was.

::

    NPY header, float32 numbers        what `numpy.load` reads; it passes over the rest
    "tw1 CHECKSUM KIND\\n"              CHECKSUM: BLAKE2b of everything before it, the key and the kind, 16 digits

Entries of the first versions have no such line: they are read if their shape is right and all numbers are finite.
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

UNKNOWN = "unknown"

_TRAILER = re.compile(rb"tw1 ([0-9a-f]{16}) ([a-z0-9_.+-]{1,64})\n\Z")
TRAILER_BYTES = 4 + 16 + 1 + 64 + 1  # at most
_SHAPE = re.compile(rb"'descr': '<f4', 'fortran_order': False, 'shape': \((\d{1,9}),\)")


class State(StrEnum):
    """What is known of an entry: every bit is as it was; it has no checksum and looks right; it is damaged."""

    WHOLE = "whole"
    UNVERIFIED = "unverified"
    DAMAGED = "damaged"


def pack(vector: np.ndarray, key: str, kind: str) -> bytes:
    """The file of a vector, float32 `(dimensions,)`, that is found by `key`."""
    body = _header(len(vector)) + vector.astype("<f4").tobytes()
    return body + b"tw1 %b %b\n" % (_checksum(body, key, kind.encode()), kind.encode())


def unpack(content: bytes, key: str, dimensions: int) -> np.ndarray | None:
    """The vector in a file, None where it is not whole, not finite or not of `dimensions` numbers."""
    import numpy as np

    header = _header(dimensions)
    size = len(header) + 4 * dimensions
    if not content.startswith(header) or len(content) < size or not _is_checked(content, size, key):
        return None
    vector = np.frombuffer(content, dtype="<f4", offset=len(header), count=dimensions)
    return vector if np.isfinite(vector).all() else None


def examine(content: bytes, key: str) -> State:
    """The state of a file, whatever the dimensions of what is in it."""
    shape = _SHAPE.search(content[:128])
    dimensions = int(shape[1]) if shape else 0
    if not 0 < dimensions <= len(content) // 4 or unpack(content, key, dimensions) is None:
        return State.DAMAGED
    checked = len(content) > len(_header(dimensions)) + 4 * dimensions
    return State.WHOLE if checked else State.UNVERIFIED


def kind_of(content: bytes) -> str:
    """What a file says that it holds, by its last `TRAILER_BYTES`; of an older one: unknown."""
    found = _TRAILER.search(content[-TRAILER_BYTES:])
    return found[2].decode() if found else UNKNOWN


def kind_name(name: object) -> str:
    """An encoder's name as a kind: no more than 64 plain characters."""
    return re.sub(r"[^a-z0-9_.+-]+", "-", str(name).lower())[:64] or UNKNOWN


def _is_checked(content: bytes, size: int, key: str) -> bool:
    """Whether what stands behind the numbers confirms them; nothing there says nothing against them."""
    if len(content) == size:
        return True
    found = _TRAILER.fullmatch(content, size)
    return found is not None and _checksum(content[:size], key, found[2]) == found[1]


def _checksum(body: bytes, key: str, kind: bytes) -> bytes:
    digest = hashlib.blake2b(body, digest_size=8)
    digest.update(b"%b %b" % (key.encode(), kind))
    return digest.hexdigest().encode()


@functools.cache
def _header(dimensions: int) -> bytes:
    """What an NPY file of one float32 vector of this length begins with."""
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, np.zeros(dimensions, dtype="<f4"), allow_pickle=False)
    return buffer.getvalue()[: -4 * dimensions]
