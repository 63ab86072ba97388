"""Feature vectors on disk, addressed by everything that makes them what they are.

::

    ROOT/a/b/abcd….npy     one float32 vector; the name is the SHA-256 of what it depends on
    ROOT/sources.jsonl     checksums of recordings, see `SourceDigests`

Nothing is ever stale: what changes a number changes the key. Any file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.features.base import JSON
from tonewise.features.sources import SourceDigests
from tonewise.records import SAMPLE_RATE, Clip, Problem

if TYPE_CHECKING:
    import numpy as np


class FeatureCache:
    """Feature vectors in a folder, which several processes may share.

    A cache that cannot be written (read-only, full) is still read; the run goes on, and `problems` says so once.

    Attributes:
        root: the folder, None = no cache: nothing is found and nothing is kept.
        hits, misses: vectors that were found and that were not.
        problems: what went wrong with the cache itself.
    """

    def __init__(self, root: str | Path | None, *, decoder: Mapping[str, JSON] | None = None) -> None:
        """Open the folder `root`; `decoder` is whatever else the samples depend on, such as the decoder's versions."""
        self.root = None if root is None else Path(root)
        self.hits = 0
        self.misses = 0
        self.problems: list[Problem] = []
        self._decoder = dict(decoder or {})
        self._sources = SourceDigests(None if self.root is None else self.root / "sources.jsonl")
        self._writable = self.root is not None

    def keys(self, clips: Sequence[Clip], identity: Mapping[str, JSON]) -> list[str | None]:
        """A key for each clip as an encoder of this identity hears it; None where there is no cache or no such file."""
        if self.root is None:
            return [None] * len(clips)
        encoder = _canonical({"decoder": self._decoder, "encoder": dict(identity), "rate": SAMPLE_RATE})
        found = [self._key(clip, encoder) for clip in clips]
        try:
            self._sources.save()
        except OSError as error:
            self._give_up(error)
        return found

    def get_many(self, keys: Sequence[str | None], dimensions: int) -> list[np.ndarray | None]:
        """The vectors of keys, None where there is none that is whole, finite and of `dimensions` numbers."""
        found = [None if key is None else self._read(key, dimensions) for key in keys]
        hits = sum(vector is not None for vector in found)
        self.hits += hits
        self.misses += len(found) - hits
        return found

    def put(self, key: str | None, vector: np.ndarray) -> None:
        """Keep a vector, float32 `(dimensions,)`: readers see all of it or nothing."""
        if key is None or self.root is None or not self._writable:
            return
        target = self._path(key)
        # The name is nobody else's, on this machine or on another one that shares the folder.
        arriving = target.with_name(f".{uuid.uuid4().hex}")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            arriving.write_bytes(_header(len(vector)) + vector.astype("<f4").tobytes())
            arriving.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):
                arriving.unlink(missing_ok=True)
            self._give_up(error)

    def _key(self, clip: Clip, encoder: str) -> str | None:
        source = self._sources.digest(clip.audio)
        if source is None:
            return None
        geometry = asdict(clip) | {"audio": source}
        if clip.raw is None:  # a file that tells by itself what it holds
            del geometry["raw"]
        return hashlib.sha256(f"{encoder}\n{_canonical(geometry)}".encode()).hexdigest()

    def _path(self, key: str) -> Path:
        assert self.root is not None
        return self.root / key[0] / key[1] / f"{key}.npy"

    def _read(self, key: str, dimensions: int) -> np.ndarray | None:
        import numpy as np

        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        header = _header(dimensions)
        if len(content) != len(header) + 4 * dimensions or not content.startswith(header):
            return None
        vector = np.frombuffer(content, dtype="<f4", offset=len(header))
        return vector if np.isfinite(vector).all() else None

    def _give_up(self, error: OSError) -> None:
        if self._writable:
            detail = f"cannot be written ({error.strerror or error}); features made now are not kept"
            self.problems.append(Problem("cache_off", str(self.root), detail))
        self._writable = False


@functools.cache
def _header(dimensions: int) -> bytes:
    """What an NPY file of one float32 vector of this length begins with."""
    import numpy as np

    buffer = io.BytesIO()
    np.save(buffer, np.zeros(dimensions, dtype="<f4"), allow_pickle=False)
    return buffer.getvalue()[: -4 * dimensions]


def _canonical(value: Mapping[str, JSON]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
