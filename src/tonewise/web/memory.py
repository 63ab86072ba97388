"""Memory that is free again, handed back to the system."""

from __future__ import annotations

import ctypes


def give_back() -> None:
    """Return what the allocator keeps for later to the system; where it offers no way, nothing happens.

    Sound and features of a recording are arrays of many sizes, made in several threads. glibc keeps a freed one in the
    heap of its thread unless it lies at the very end, so that a process that scores one recording after the other would
    grow for hours, though it holds no more than before. Source: malloc_trim(3), which walks all heaps since glibc 2.8.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl and macOS have none
    if trim is not None:
        trim(0)
