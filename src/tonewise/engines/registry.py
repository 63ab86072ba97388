"""The engines by name."""

from __future__ import annotations

from tonewise.engines.base import Engine
from tonewise.engines.local import LocalEngine
from tonewise.engines.ray import RayEngine
from tonewise.errors import OptionError

LOCAL, RAY = NAMES = ("local", "ray")


def names() -> tuple[str, ...]:
    """Names of the engines."""
    return NAMES


def create(name: str = LOCAL, *, jobs: int | None = None, address: str | None = None) -> Engine:
    """Make an engine; nothing is started before it has work.

    Args:
        name: one of `names()`.
        jobs: workers at most; None = one process of several threads (`local`), all processors of the cluster (`ray`).
        address: of a running Ray cluster, `HOST:PORT` or `auto`; None = one that is started here and ended with the work.

    Raises:
        OptionError: an unknown name, an impossible number, or an address for an engine that has none.
    """
    if name not in NAMES:
        raise OptionError(f"unknown engine '{name}'; choose {' or '.join(NAMES)}")
    if jobs is not None and jobs < 1:
        raise OptionError(f"--jobs {jobs} is impossible; expected 1 or more")
    if address is not None and name != RAY:
        raise OptionError("--address is of a Ray cluster; add --engine ray, or leave the address out")
    return RayEngine(jobs, address) if name == RAY else LocalEngine(jobs or 1)
