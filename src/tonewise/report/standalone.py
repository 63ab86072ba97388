"""Figures as files of their own: an SVG that needs no page around it."""

from __future__ import annotations

import html
import re

HEADING = 30  # CSS pixels above a drawing, for its title
REMARK = 16  # more of them, for a line below the title
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


def svg_document(drawing: str, remark: str = "") -> str:
    """An inline figure of `figures` or `plots` as an SVG file: with a size, fonts, white paper and its title above it.

    Colours are fixed, since drawing programs do not know the variables of a page. `remark` is a line of its own below the
    title, of at most some 80 letters: what nobody may overlook who sees the picture alone.
    """
    head = _HEAD.match(drawing)
    title = _TITLE.search(drawing)
    assert head is not None and title is not None  # as `svg.inline_svg` writes them
    top = HEADING + (REMARK if remark else 0)
    width, height = float(head["width"]), float(head["height"]) + top
    body = _VARIABLE.sub(r"\1", drawing[head.end() :]).replace("currentColor", INK)
    # Title and description come first in an accessible SVG, before what is painted.
    names, described, painted = body.partition("</desc>")
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" '
        f'aria-labelledby="{head["ids"]}" viewBox="0 {-top} {width:g} {height:g}" '
        f'width="{width * SCALE:g}" height="{height * SCALE:g}" font-family="{FONTS}" color="{INK}" '
        'stroke-linejoin="round">'
        f'{names}{described}<rect x="0" y="{-top}" width="{width:g}" height="{height:g}" fill="#ffffff"/>'
        f'<text x="{width / 2:g}" y="{20 - top}" text-anchor="middle" font-size="13" font-weight="bold" fill="{INK}">'
        f"{title[1]}</text>{_remark(remark, width)}{painted}\n"
    )
    return _FORBIDDEN.sub("", text)


def _remark(remark: str, width: float) -> str:
    if not remark:
        return ""
    line = f'<text x="{width / 2:g}" y="-10" text-anchor="middle" font-size="10" fill="{INK}">'
    return f"{line}{html.escape(remark)}</text>"
