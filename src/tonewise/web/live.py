"""The live socket `/v1/live`, and the page of the microphone that talks to it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.websockets import WebSocket, WebSocketDisconnect

from tonewise.features.threads import cores
from tonewise.pipeline.live import warm_up
from tonewise.web.live_messages import NOT_ALLOWED, TRY_LATER, RefusalError
from tonewise.web.live_session import READING_SECONDS, Session
from tonewise.web.page_files import HTML, SCRIPT, STYLE, add_files
from tonewise.web.security import PAGE_POLICY, known_host, same_origin

if TYPE_CHECKING:
    from tonewise.pipeline.loading import LoadedModel
    from tonewise.web.settings import Settings

#: Files of the page by their address.
_FILES = {
    "/microphone": ("microphone.html", HTML),
    "/microphone/page.js": ("microphone.js", SCRIPT),
    "/microphone/capture.js": ("capture.js", SCRIPT),
    "/microphone/page.css": ("microphone.css", STYLE),
}

_HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "permissions-policy": "camera=(), geolocation=(), microphone=(self)",
    "cache-control": "no-cache",
}


def live_routes(model: LoadedModel, settings: Settings) -> APIRouter:
    """Routes of the live socket and of the microphone's page.

    The socket scores in threads of its own, one a core; `settings.live_sessions` sockets are open at a time. The page holds
    nothing secret, and asks for the token where the socket wants one.

    Args:
        model: loaded in this process, shared by all sockets.
        settings: limits and the token.
    """
    router = APIRouter()
    pool = ThreadPoolExecutor(cores(), thread_name_prefix="live")
    warm = pool.submit(warm_up, model)
    seats = _Seats(settings.live_sessions)

    async def live(socket: WebSocket) -> None:
        if not (same_origin(socket.headers) and known_host(socket.headers, settings)):
            await socket.close(NOT_ALLOWED)  # before it is accepted: answered with 403
            return
        await socket.accept()
        try:
            await Session(socket, model, settings, pool, warm, seats).run()
        except RefusalError as refusal:
            await _refuse(socket, refusal)
        except WebSocketDisconnect:
            pass  # the client has gone: nobody is left to be told

    router.add_api_websocket_route("/v1/live", live)
    add_files(router, "microphone", _FILES, _HEADERS)
    return router


class _Seats:
    """So many sockets at a time. It is used on one event loop only."""

    def __init__(self, count: int) -> None:
        self._free = count

    def __enter__(self) -> None:
        if not self._free:
            raise RefusalError(TRY_LATER, "as many live streams as allowed are open; try again later")
        self._free -= 1

    def __exit__(self, *_: object) -> None:
        self._free += 1


async def _refuse(socket: WebSocket, refusal: RefusalError) -> None:
    """Tell why, and close; the client may have gone meanwhile."""
    try:
        async with asyncio.timeout(READING_SECONDS):
            await socket.send_json({"error": str(refusal)})
            await socket.close(refusal.code)
    except (WebSocketDisconnect, TimeoutError, RuntimeError):
        pass
