"""Pages for people: the upload, all calls at a glance, and the files that these need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Response

from tonewise.errors import InputError
from tonewise.pipeline.overview import overview, week
from tonewise.report.overview import overview_page
from tonewise.store import StoreError
from tonewise.web.access import require_own_page, require_token
from tonewise.web.page_files import HTML, SCRIPT, STYLE, add_files, page_file
from tonewise.web.schemas import Refused, Token
from tonewise.web.security import COOKIE, PAGE_POLICY, REPORT_POLICY, is_token, session_value

if TYPE_CHECKING:
    from tonewise.web.app import Server

#: Files of the package by their address.
_FILES = {
    "/": ("index.html", HTML),
    "/page/upload.js": ("upload.js", SCRIPT),
    "/page/page.css": ("page.css", STYLE),
    "/favicon.ico": ("icon.svg", "image/svg+xml"),
}
_HEADERS = {"content-security-policy": PAGE_POLICY, "cache-control": "no-cache"}


def pages_routes(server: Server) -> APIRouter:
    """Routes for people. They are no part of the OpenAPI description."""
    router = APIRouter(include_in_schema=False)
    add_files(router, "page", _FILES, _HEADERS)
    _add_session(router, server)
    token = require_token(server.settings)

    @router.get("/calls", dependencies=token)
    def calls() -> Response:
        return Response(_overview(server), media_type="text/html", headers={"content-security-policy": REPORT_POLICY})

    return router


def _add_session(router: APIRouter, server: Server) -> None:
    """A page cannot send a header with a sound or a link: it shows the token once and gets a cookie."""

    @router.post("/v1/session", dependencies=[require_own_page()])
    def begin(shown: Token) -> Response:
        if not is_token(shown.token, server.settings):
            raise Refused(401, "this is not the server's token")
        answer = Response(status_code=204)
        value = session_value(server.settings.token or "")
        answer.set_cookie(COOKIE, value, httponly=True, samesite="strict", path="/")
        return answer

    @router.delete("/v1/session", dependencies=[require_own_page()])
    def end() -> Response:
        answer = Response(status_code=204)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")
        return answer


def _overview(server: Server) -> str:
    keeping = server.keeping
    try:
        found = overview(keeping.store, model=keeping.fingerprint)
    except StoreError:
        raise
    except InputError:
        return page_file("page", "no_calls.html").decode()
    links = {job.content_hash: f"/v1/jobs/{job.id}/page" for job in keeping.jobs.done() if job.content_hash}
    return overview_page(found, links=links, week_of=week)
