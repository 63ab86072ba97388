"""Files of this package that browsers are given: pages, their scripts and styles."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from fastapi import APIRouter, Response

HTML, SCRIPT, STYLE = (f"text/{kind}; charset=utf-8" for kind in ("html", "javascript", "css"))


def page_file(folder: str, name: str) -> bytes:
    """The content of a file of the package."""
    return files("tonewise.web").joinpath(folder, name).read_bytes()


def add_files(
    router: APIRouter, folder: str, by_address: Mapping[str, tuple[str, str]], headers: Mapping[str, str]
) -> None:
    """Routes of files; they are no part of the OpenAPI description.

    Args:
        router: gets them.
        folder: of the package, where the files are.
        by_address: name and media type of each, by the path it is asked for.
        headers: of every answer.
    """
    for address, (name, kind) in by_address.items():
        _add_file(router, address, page_file(folder, name), kind, headers)


def _add_file(router: APIRouter, address: str, content: bytes, kind: str, headers: Mapping[str, str]) -> None:
    def page() -> Response:
        return Response(content, media_type=kind, headers=headers)

    router.add_api_route(address, page, include_in_schema=False)
