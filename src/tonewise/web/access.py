"""Who may call a route: the token, and no page of another site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Security, params
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tonewise.web.schemas import Refused
from tonewise.web.security import authorised, same_origin

if TYPE_CHECKING:
    from tonewise.web.settings import Settings

_BEARER = HTTPBearer(auto_error=False, description="The server's token, where it wants one.")


def require_token(settings: Settings) -> list[params.Depends]:
    """Dependencies of routes that want the token, where there is one."""
    if settings.token is None:
        return []

    async def check(
        request: Request, _shown: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]
    ) -> None:
        if not authorised(request.headers, settings):
            raise Refused(401, "this server wants its token: send the header Authorization: Bearer TOKEN")

    wanted: params.Depends = Depends(check)
    return [wanted]


def require_own_page() -> params.Depends:
    """A dependency of routes that change something: browsers send forms across sites without asking."""

    async def check(request: Request) -> None:
        if not same_origin(request.headers):
            raise Refused(403, "requests from pages of other sites are refused")

    wanted: params.Depends = Depends(check)
    return wanted
