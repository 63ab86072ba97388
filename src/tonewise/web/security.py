"""Who may use a server, from where, and what browsers are told to refuse."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from tonewise.web.settings import Settings

COOKIE = "tonewise_session"

#: Of answers that say nothing else of themselves. Pages bring a wider Content-Security-Policy of their own.
HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}

#: Of the package's own pages, whose scripts and styles are files beside them.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "media-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)

#: Of pages that carry a policy of their own inside, as those of `report` do: a header can only narrow it.
REPORT_POLICY = "frame-ancestors 'none'; object-src 'none'; base-uri 'none'"


def authorised(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether a request shows the token, as bearer or by the cookie of a page that did.

    Tokens in addresses are never looked at: addresses end up in logs and histories.

    Args:
        headers: by lower-case name, as Starlette gives them.
        settings: of the server; without a token everybody may come in.
    """
    if settings.token is None:
        return True
    kind, _, shown = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and is_token(shown.strip(), settings):
        return True
    return _same(_cookie(headers), session_value(settings.token))


def is_token(shown: str, settings: Settings) -> bool:
    """Whether a text is the token, told in constant time; True where there is none."""
    return settings.token is None or _same(shown, settings.token)


def session_value(token: str) -> str:
    """What a page's cookie holds: made from the token, so that it ends with it, and of no use as one."""
    return hmac.new(token.encode(), b"tonewise session", hashlib.sha256).hexdigest()


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a request comes from a page of this server, or from no page at all.

    Browsers send forms and open sockets across sites without asking; they do say whose page it was.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
    except ValueError:  # it is no address
        return False


def known_host(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether a request is addressed to one of the names that `settings.hosts` allows."""
    if not settings.hosts:
        return True
    try:
        name = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        return False
    return (name or "") in settings.hosts


def _cookie(headers: Mapping[str, str]) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _same(shown: str, expected: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "surrogatepass"), expected.encode())
