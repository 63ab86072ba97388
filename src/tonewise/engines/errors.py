"""What goes wrong with engines themselves, as opposed to the work that they spread."""

from __future__ import annotations

from tonewise.errors import InputError


class EngineError(InputError):
    """An engine cannot be started, or its cluster is gone."""
