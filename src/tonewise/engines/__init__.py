"""Who does the work on many recordings: this machine, or a Ray cluster; the work itself is the same."""

from tonewise.engines.base import CRASHED, FAILED, Engine, Outcome, Task
from tonewise.engines.errors import EngineError
from tonewise.engines.local import LocalEngine
from tonewise.engines.ray import RayEngine
from tonewise.engines.registry import LOCAL, RAY, create, names

__all__ = [
    "CRASHED",
    "FAILED",
    "LOCAL",
    "RAY",
    "Engine",
    "EngineError",
    "LocalEngine",
    "Outcome",
    "RayEngine",
    "Task",
    "create",
    "names",
]
