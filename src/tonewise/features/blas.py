"""One thread for each product of matrices, while clips share the cores anyway."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
