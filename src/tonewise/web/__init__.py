"""A model over HTTP: a page to upload recordings, REST, and a live socket (extra `web`).

Names here load FastAPI only when the app is made: worker processes do without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.web.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from fastapi import FastAPI

    from tonewise.pipeline.loading import LoadedModel

__all__ = ["Settings", "create_app"]


def create_app(model: LoadedModel | str | Path, settings: Settings) -> FastAPI:
    """The application, to be served by any ASGI server, in one process; see `tonewise.web.app`.

    Args:
        model: a loaded model or its folder. Worker processes load it again from there.
        settings: limits and where things are kept.

    Raises:
        MissingExtraError: the extra `web` is not installed.
        InputError: the model or the data folder cannot be used.
    """
    from tonewise.errors import MissingExtraError

    try:
        from tonewise.web.app import make_app
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tonewise"):
            raise
        raise MissingExtraError("the server", "web") from error
    return make_app(model, settings)
