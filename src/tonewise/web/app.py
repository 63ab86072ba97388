"""The application: what it keeps, its workers and its routes, put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from tonewise.pipeline.archive import fingerprint
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.store import StoreError
from tonewise.version import __version__
from tonewise.web.guard import Guard, add_handlers
from tonewise.web.keeping import Keeping
from tonewise.web.live import live_routes
from tonewise.web.memory import give_back
from tonewise.web.metrics import Metrics
from tonewise.web.pool import Pool
from tonewise.web.routes_jobs import jobs_routes
from tonewise.web.routes_pages import pages_routes
from tonewise.web.routes_score import score_routes
from tonewise.web.routes_state import state_routes
from tonewise.web.settings import Settings

if TYPE_CHECKING:
    from fastapi import APIRouter

_LOG = logging.getLogger(__name__)
EXPIRE_EVERY = 60.0  # seconds

DESCRIPTION = (
    "Tone of voice over time. `POST /v1/score` takes a recording and answers with a job; ask for the job until it is done, "
    'then for its result. Every refusal is `{"error": one line}`. The live socket is `/v1/live`; see docs/live.md.'
)


@dataclass(slots=True)
class Server:
    """What routes work with.

    Attributes:
        arriving: uploads under way.
    """

    model: LoadedModel
    settings: Settings
    keeping: Keeping
    metrics: Metrics
    pool: Pool
    arriving: int = 0


def make_app(model: LoadedModel | str | Path, settings: Settings) -> FastAPI:
    """See `tonewise.web.create_app`. The data folder is open from now until the application's lifespan ends."""
    loaded = loaded_model(model)
    metrics = Metrics()
    keeping = Keeping(settings, fingerprint(loaded), loaded.bundle.path.name)
    pool = Pool(keeping, str(loaded.bundle.path.absolute()), metrics)
    server = Server(loaded, settings, keeping, metrics, pool)
    app = FastAPI(
        title="tonewise",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # redirects would repeat whatever name the server was called by
        lifespan=_lifespan(server),
    )
    app.state.server = server
    add_handlers(app)
    for router in _routers(server):
        app.include_router(router)
    app.add_middleware(Guard, settings=settings, metrics=metrics)
    return app


def _routers(server: Server) -> list[APIRouter]:
    makers: list[Callable[[Server], APIRouter]] = [score_routes, jobs_routes, state_routes, pages_routes]
    return [*(make(server) for make in makers), live_routes(server.model, server.settings)]


def _lifespan(server: Server) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        server.pool.start()
        expiring = asyncio.create_task(_expire(server))
        try:
            yield
        finally:
            expiring.cancel()
            with suppress(asyncio.CancelledError):
                await expiring
            await run_in_threadpool(server.pool.stop)
            server.keeping.close()

    return lifespan


async def _expire(server: Server) -> None:
    while True:
        try:
            await run_in_threadpool(server.keeping.expire)
        except StoreError as error:
            _LOG.error("%s", error)  # what is too old goes the next time
        await run_in_threadpool(give_back)  # what live sound has needed
        await asyncio.sleep(EXPIRE_EVERY)
