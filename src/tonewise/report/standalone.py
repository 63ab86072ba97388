"""Figures as files of their own: an SVG that needs no page around it."""

from __future__ import annotations

import re

HEADING = 30  # CSS pixels above a drawing, for its title
SCALE = 1.25  # the size at which pages show a figure at most
INK = "#14181d"
FONTS = "Helvetica, Arial, 'Noto Sans', sans-serif"

_HEAD = re.compile(
    r'<svg [^>]*aria-labelledby="(?P<ids>[^"]*)" viewBox="0 0 (?P<width>[\d.]+) (?P<height>[\d.]+)"[^>]*>'
)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.DOTALL)
_VARIABLE = re.compile(r"var\(--[a-z]+,\s*(#[0-9a-fA-F]{3,6})\)")
# What no XML 1.0 file may hold, not even escaped (https://www.w3.org/TR/xml/#charsets).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def svg_document(drawing: str) -> str:
    """An inline figure of `figures` or `plots` as an SVG file: with a size, fonts, white paper and its title above it.

    Colours are fixed, since drawing programs do not know the variables of a page.
    """
    head = _HEAD.match(drawing)
    title = _TITLE.search(drawing)
    assert head is not None and title is not None  # as `svg.inline_svg` writes them
    width, height = float(head["width"]), float(head["height"]) + HEADING
    body = _VARIABLE.sub(r"\1", drawing[head.end() :]).replace("currentColor", INK)
    # Title and description come first in an accessible SVG, before what is painted.
    names, painted = body[: body.index("</desc>") + len("</desc>")], body[body.index("</desc>") + len("</desc>") :]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="{head["ids"]}" viewBox="0 {-HEADING} {width:g} {height:g}" '
        f'width="{width * SCALE:g}" height="{height * SCALE:g}" font-family="{FONTS}" color="{INK}" '
        'stroke-linejoin="round">'
        f'{names}<rect x="0" y="{-HEADING}" width="{width:g}" height="{height:g}" fill="#ffffff"/>'
        f'<text x="{width / 2:g}" y="-10" text-anchor="middle" font-size="13" font-weight="bold" fill="{INK}">'
        f"{title[1]}</text>{painted}\n"
    )
    return _FORBIDDEN.sub("", text)
