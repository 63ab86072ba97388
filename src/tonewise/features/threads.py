"""Clips side by side on the cores: one a thread, and no threads beneath it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tonewise.weights.torch_threads import one_thread

if TYPE_CHECKING:
    import numpy as np


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(
    encode: Callable[[np.ndarray], np.ndarray], clips: Sequence[np.ndarray], threads: int | None = None
) -> np.ndarray:
    """Encode clip by clip in threads; rows in the order of the clips, float32 `(n_clips, dimensions)`.

    The longest begin, so that no thread is left alone with one at the end.

    Args:
        encode: a clip's samples to its vector.
        clips: one or more.
        threads: how many; None = one a core. No number may depend on it.
    """
    import numpy as np

    order = sorted(range(len(clips)), key=lambda row: -len(clips[row]))
    with ThreadPoolExecutor(min(threads or cores(), len(clips)), thread_name_prefix="encode") as pool:
        found = dict(zip(order, pool.map(encode, [clips[row] for row in order]), strict=True))
    return np.stack([found[row] for row in range(len(clips))])


def each_by_torch(encode: Callable[[np.ndarray], np.ndarray], clips: Sequence[np.ndarray]) -> np.ndarray:
    """As `each`, for what torch computes on the processor: one thread a clip, so that the clips share the cores."""
    import torch

    def alone(samples: np.ndarray) -> np.ndarray:
        torch.set_num_threads(1)  # each thread has a setting of its own
        return encode(samples)

    with one_thread():
        return each(alone, clips)


class _Limit:
    """The process's one setting, and how many need it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._limits: Any = None

    def enter(self) -> None:
        import threadpoolctl

        with self._lock:
            if self._users == 0:
                self._limits = threadpoolctl.threadpool_limits(1, user_api="blas")
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._limits.restore_original_limits()


_limit = _Limit()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep numpy's BLAS from starting threads, in all of this process, for as long as anybody is inside.

    OpenBLAS keeps its threads spinning for a while after each product, which takes the other core from whoever decodes or
    encodes there: half of the time of cheap encoders. The setting is the process's, so that it is counted who is inside:
    two extractions side by side must not restore each other's.
    """
    _limit.enter()
    try:
        yield
    finally:
        _limit.leave()
