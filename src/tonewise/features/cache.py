"""Feature vectors on disk, addressed by everything that makes them what they are.

::

    ROOT/a/b/abcd….npy     one float32 vector; the name is the SHA-256 of what it depends on, see `cache_entry`
    ROOT/arriving/         vectors that are being written
    ROOT/sources.jsonl     checksums of recordings, see `SourceDigests`
    ROOT/limit.json, used  how large it may grow and how large it is, see `cache_limit`

Nothing is ever stale: what changes a number changes the key. Any file may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.features.base import JSON
from tonewise.features.cache_entry import UNKNOWN, kind_name, pack, unpack
from tonewise.features.cache_limit import Budget
from tonewise.features.cache_upkeep import ARRIVING, DAY, keep_limit, sweep
from tonewise.features.sources import SOURCES, SourceDigests
from tonewise.records import SAMPLE_RATE, Clip, Problem

if TYPE_CHECKING:
    import numpy as np

_DIGITS = 64  # of a key's SHA-256; the encoder's name follows, for `tonewise cache info`


class FeatureCache:
    """Feature vectors in a folder, which several processes may share.

    A cache that cannot be written (read-only, full) is still read; the run goes on, and `problems` says so once. It never
    grows beyond its limit (see `cache_limit`): what was not used for longest goes first.

    Attributes:
        root: the folder, None = no cache: nothing is found and nothing is kept.
        problems: what went wrong with the cache itself.
    """

    def __init__(self, root: str | Path | None, *, decoder: Mapping[str, JSON] | None = None) -> None:
        """Open the folder `root`; `decoder` is whatever else the samples depend on, such as the decoder's versions."""
        self.root = None if root is None else Path(root)
        self.problems: list[Problem] = []
        self._decoder = dict(decoder or {})
        self._sources = SourceDigests(None if self.root is None else self.root / SOURCES)
        self._budget = None if self.root is None else Budget(self.root)
        self._writable = self.root is not None
        self._is_swept = False
        self._opened = time.time()

    def keys(self, clips: Sequence[Clip], identity: Mapping[str, JSON]) -> list[str | None]:
        """A key for each clip as an encoder of this identity hears it; None where there is no cache or no such file."""
        if self.root is None:
            return [None] * len(clips)
        if not self._is_swept:
            sweep(self.root)
            self._is_swept = True
        encoder = _canonical({"decoder": self._decoder, "encoder": dict(identity), "rate": SAMPLE_RATE})
        kind = kind_name(identity.get("name", UNKNOWN))
        found = [self._key(clip, encoder, kind) for clip in clips]
        try:
            self._sources.save()
        except OSError as error:
            self._give_up(error)
        return found

    def get_many(self, keys: Sequence[str | None], dimensions: int) -> list[np.ndarray | None]:
        """The vectors of keys, None where there is none that is whole, finite and of `dimensions` numbers."""
        now = time.time()
        damaged: list[str] = []
        found = [None if key is None else self._read(key, dimensions, now, damaged) for key in keys]
        if damaged:
            kinds = ", ".join(sorted({key[_DIGITS + 1 :] or UNKNOWN for key in damaged}))
            detail = f"{len(damaged)} vectors ({kinds}) were damaged on the disk and are computed again"
            self.problems.append(Problem("cache_damaged", str(self.root), detail, len(damaged)))
        return found

    def put(self, key: str | None, vector: np.ndarray) -> None:
        """Keep a vector, float32 `(dimensions,)`: readers see all of it or nothing."""
        if key is None or self.root is None or not self._writable:
            return
        name, kind = key[:_DIGITS], key[_DIGITS + 1 :] or UNKNOWN
        content = pack(vector, name, kind)
        try:
            self._write(self.root, self._path(key), content)
        except OSError as error:
            self._give_up(error)

    def _write(self, root: Path, target: Path, content: bytes) -> None:
        arriving_folder = root / ARRIVING
        # The name is nobody else's, on this machine or on another one that shares the folder.
        arriving = arriving_folder / uuid.uuid4().hex
        try:
            arriving_folder.mkdir(parents=True, exist_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            arriving.write_bytes(content)
            arriving.replace(target)
        except OSError:
            with contextlib.suppress(OSError):
                arriving.unlink(missing_ok=True)
            raise
        assert self._budget is not None
        if self._budget.add(len(content)):
            self._shrink(root, self._budget)

    def _shrink(self, root: Path, budget: Budget) -> None:
        removed = keep_limit(root, budget)
        if removed is None or removed.newest is None or removed.newest < self._opened:
            return
        detail = (
            f"is full ({removed.left / 1e9:.3g} GB left of what was there): vectors of this very run had to go, so that "
            "the same run would compute them again; allow more with `tonewise cache limit`"
        )
        if not any(problem.kind == "cache_full" for problem in self.problems):
            self.problems.append(Problem("cache_full", str(root), detail))

    def _key(self, clip: Clip, encoder: str, kind: str) -> str | None:
        source = self._sources.digest(clip.audio)
        if source is None:
            return None
        geometry = asdict(clip) | {"audio": source}
        for name in ("raw", "decoding"):
            # Of a file that tells by itself what it holds, and is decoded in the one way there is.
            if geometry[name] is None:
                del geometry[name]
        digest = hashlib.sha256(f"{encoder}\n{_canonical(geometry)}".encode()).hexdigest()
        return f"{digest}-{kind}"

    def _path(self, key: str) -> Path:
        assert self.root is not None
        return self.root / key[0] / key[1] / f"{key[:_DIGITS]}.npy"

    def _read(self, key: str, dimensions: int, now: float, damaged: list[str]) -> np.ndarray | None:
        name = key[:_DIGITS]
        try:
            content = _content(f"{self.root}/{key[0]}/{key[1]}/{name}.npy", now)
        except OSError:
            return None
        vector = unpack(content, name, dimensions)
        if vector is None:
            damaged.append(key)
        return vector

    def _give_up(self, error: OSError) -> None:
        if self._writable:
            detail = f"cannot be written ({error.strerror or error}); features made now are not kept"
            self.problems.append(Problem("cache_off", str(self.root), detail))
        self._writable = False


def _content(path: str, now: float) -> bytes:
    """The bytes of an entry; that it was used is noted once a day, as its time of change."""
    handle = os.open(path, os.O_RDONLY)  # a Path and its stream would cost more than the reading
    try:
        status = os.fstat(handle)
        content = os.read(handle, status.st_size + 1)
    finally:
        os.close(handle)
    if now - status.st_mtime > DAY:
        with contextlib.suppress(OSError):
            os.utime(path)
    return content


def _canonical(value: Mapping[str, JSON]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
