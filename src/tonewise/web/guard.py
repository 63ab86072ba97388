"""What every answer goes through: by which name the server was addressed, headers for browsers, one kind of error."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from tonewise.errors import InputError, TonewiseError
from tonewise.web.schemas import Refused
from tonewise.web.security import HEADERS, known_host

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from tonewise.web.metrics import Metrics
    from tonewise.web.settings import Settings

_LOG = logging.getLogger(__name__)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNKNOWN = "other"  # the route of a request that fits none, and a method that nobody has heard of
LARGE = ("/v1/score",)  # where uploads go: they are counted as they arrive, by `upload`
BRIEF_BYTES, BRIEF_SECONDS = 16_384, 30.0  # that the body of any other request may have and take


class Guard:
    """Middleware: refuses foreign host names, adds the headers of `security.HEADERS`, and counts answers."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._settings, self._metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                found = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    found.setdefault(name, value)
            await send(message)

        try:
            headers = Headers(scope=scope)
            if not known_host(headers, self._settings):
                told = error(403, "this server is not called that; see `tonewise serve --allow-host`")
                await told(scope, receive, guarded)
            elif "content-length" in headers and "transfer-encoding" in headers:
                told = error(400, "the request states two lengths", {"connection": "close"})
                await told(scope, receive, guarded)
            else:
                await self._app(scope, receive if scope["path"] in LARGE else _Brief(receive), guarded)
        finally:
            self._metrics.request(_method(scope), _route(scope), status, time.perf_counter() - began)


class _Brief:
    """The body of a request that has little to say, which is read as a whole."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._size = receive, 0
        self._last = time.monotonic() + BRIEF_SECONDS

    async def __call__(self) -> Message:
        try:
            async with asyncio.timeout(max(self._last - time.monotonic(), 0.0)):
                message = await self._receive()
        except TimeoutError as failure:
            raise HTTPException(408, "the request took too long", {"connection": "close"}) from failure
        self._size += len(message.get("body", b""))
        if self._size > BRIEF_BYTES:
            raise HTTPException(413, f"the request has more than {BRIEF_BYTES} bytes", {"connection": "close"})
        return message


def error(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer of the one error model."""
    return JSONResponse({"error": " ".join(message.split())}, status, headers)


def add_handlers(app: FastAPI) -> None:
    """Every refusal and failure becomes `error`; what failed and where is for the server's log only."""
    for kind, handler in (
        (Refused, _refused),
        (RequestValidationError, _invalid),
        (HTTPException, _http),
        (TonewiseError, _failed),
        (Exception, _unforeseen),
    ):
        app.add_exception_handler(kind, handler)  # type: ignore[arg-type]


async def _refused(_request: Request, refused: Refused) -> Response:
    headers = {"retry-after": "30"} if refused.status == 503 else {}
    if refused.status == 401:
        headers = {"www-authenticate": "Bearer"}
    return error(refused.status, refused.message, headers)


async def _invalid(_request: Request, invalid: RequestValidationError) -> Response:
    first = invalid.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return error(422, f"{where}: {first['msg']}")


async def _http(request: Request, found: HTTPException) -> Response:
    said = {404: "there is nothing at this address", 405: "this address does not take that method"}
    headers = {name.lower(): value for name, value in (found.headers or {}).items()}
    if found.status_code == 405:
        headers["allow"] = ", ".join(_methods(request))
    return error(found.status_code, said.get(found.status_code, str(found.detail)), headers)


def _methods(request: Request) -> list[str]:
    """All methods of an address: a route of its own for each would be told of the first one's only."""
    return [method for method in METHODS if any(_fits(route, request.scope, method) for route in request.app.routes)]


def _fits(route: BaseRoute, scope: Scope, method: str) -> bool:
    return route.matches({**scope, "method": method})[0] is Match.FULL


async def _failed(_request: Request, failed: TonewiseError) -> Response:
    _LOG.error("%s", failed)
    if isinstance(failed, InputError):
        return error(503, "the server cannot use its store just now; try again", {"retry-after": "30"})
    return error(500, "the server failed; its log says more")


async def _unforeseen(_request: Request, _failed: Exception) -> Response:
    """Outside of `Guard`, and told by Starlette to whoever runs the server."""
    return error(500, "the server failed; its log says more", HEADERS)


def _method(scope: Scope) -> str:
    """The method, where it is one: clients may make up others without end."""
    found = str(scope["method"])
    return found if found in (*METHODS, "HEAD", "OPTIONS") else UNKNOWN


def _route(scope: Scope) -> str:
    """The pattern that a request fitted: figures by address would tell of jobs, and be without end."""
    found = scope.get("route")
    return str(getattr(found, "path", UNKNOWN))
