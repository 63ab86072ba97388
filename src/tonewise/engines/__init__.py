"""Who does the work on many recordings: this machine, or a Ray cluster; the work itself is the same."""

from tonewise.engines.base import Engine, EngineError, Outcome, Task
from tonewise.engines.local import LocalEngine
from tonewise.engines.registry import LOCAL, RAY, create, names

__all__ = [
    "LOCAL",
    "RAY",
    "Engine",
    "EngineError",
    "LocalEngine",
    "Outcome",
    "Task",
    "create",
    "names",
]
