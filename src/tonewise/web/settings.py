"""What a server may take in, keep and use; surfaces fill it in."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

from tonewise.errors import OptionError

_HOUR = 3600.0  # seconds
_CENTURY = 100 * 365 * 24 * _HOUR  # timers and dates overflow not far beyond it

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def default_data() -> Path:
    """The user's own folder for jobs, uploads and calls."""
    import platformdirs

    return Path(platformdirs.user_data_dir("tonewise")) / "server"


@dataclass(frozen=True, slots=True)
class Settings:
    """Limits of a server.

    Attributes:
        data: folder of uploads, results and the store; made where it is missing. One server at a time uses it.
        token: what clients have to show as bearer; None = nothing. Never logged, nor part of `repr`.
        hosts: names by which the server may be addressed; empty = any. Guards a server without token on this machine
            against web pages that point a name of theirs at it (DNS rebinding).
        max_upload_bytes: of one request, all its parts together.
        max_duration_seconds: of a recording.
        job_timeout_seconds: after which a job fails and its worker is replaced.
        workers: processes that score, each one recording at a time.
        worker_memory_bytes: a worker may have for itself (RLIMIT_DATA, stacks of threads among it); None = no limit.
        max_queued: uploads under way and jobs waiting together, beyond which uploads are refused (503).
        keep_seconds: how long recordings, results and pages are kept after a job has ended.
        upload_idle_seconds, upload_seconds: how long an upload may send nothing, and how long it may take.
        min_free_bytes: of the disk, below which uploads are refused.
        grace_seconds: how long running jobs may go on when the server is told to stop.
        live_sessions: live sockets at a time; 0 = none.
        live_seconds: how long one may last.
        live_idle_seconds: how long one may send nothing.

    Raises:
        OptionError: a limit is negative, or no time.
    """

    data: Path = field(default_factory=default_data)
    token: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ()
    max_upload_bytes: int = 500_000_000
    max_duration_seconds: float = 4 * _HOUR
    job_timeout_seconds: float = _HOUR
    workers: int = 1
    worker_memory_bytes: int | None = 4 << 30
    max_queued: int = 100
    keep_seconds: float = 24 * _HOUR
    upload_idle_seconds: float = 30.0
    upload_seconds: float = 900.0
    min_free_bytes: int = 1_000_000_000
    grace_seconds: float = 30.0
    live_sessions: int = 8
    live_seconds: float = 4 * _HOUR
    live_idle_seconds: float = 30.0

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise OptionError(f"{name} is {getattr(self, name)}; expected {least} or more")
        for name in _SPANS:
            if not 0 < getattr(self, name) <= _CENTURY:
                raise OptionError(f"{name} is {getattr(self, name)}; expected seconds above 0, a century at most")


_LEAST = {
    "workers": 1,
    "max_queued": 1,
    "max_upload_bytes": 1,
    "min_free_bytes": 0,
    "grace_seconds": 0,
    "live_sessions": 0,
}
_SPANS = [each.name for each in fields(Settings) if each.name.endswith("_seconds") and each.name not in _LEAST]
