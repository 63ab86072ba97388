"""Matplotlib figures as SVG that belongs into a page: its text, its colours, the same bytes each time."""

from __future__ import annotations

import html
import io
import re
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Matplotlib draws with stand-ins that become the page's own colours, so that one SVG serves light and dark.
INK = "#010203"
MUTED = "#010204"
POSITIVE = "#010205"
NEGATIVE = "#010206"
WEAK = "#010207"
PAPER = "#010208"

# Fallbacks, for an SVG cut out of its page, are Okabe and Ito's colours: safe for colour-blind readers.
_PAGE_COLOURS = {
    INK: "currentColor",
    MUTED: "var(--muted,#5c6470)",
    POSITIVE: "var(--positive,#0072b2)",
    NEGATIVE: "var(--negative,#d55e00)",
    WEAK: "var(--weak,#009e73)",
    PAPER: "var(--paper,#fff)",
}

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text: small, searchable, read aloud
    "svg.hashsalt": "tonewise",  # else ids, and so the bytes, differ from run to run
    "svg.image_inline": True,
    "text.parse_math": False,  # a dollar sign in a language's name is not a formula
    "font.size": 11,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "hatch.linewidth": 0.8,
}

_GLOBAL_STYLE = re.compile(r"\s*<defs>\s*<style.*?</style>\s*</defs>", re.DOTALL)
_GROUP_ID = re.compile(r'<g id="[^"]*"')
_NO_ROTATION = re.compile(r' transform="rotate\(-0 [^"]*\)"')
_FONT_FAMILY = re.compile(r" font-family: [^;\"]*;")
_ID = re.compile(r'(\bid="|url\(#|href="#)')


def inline_svg(
    key: str, title: str, description: str, size: tuple[float, float], draw: Callable[[Figure], None]
) -> str:
    """Draw a figure and return it as an accessible `<svg>` element to be put into an HTML page as it is.

    `key` is unique in its page; `size` is (width, height) in CSS pixels, which scale with the page; `draw`
    fills the empty figure that it is given. The title and description are escaped.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(), warnings.catch_warnings():
        # The reader's browser draws the text and has glyphs that Matplotlib's own font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        matplotlib.rcdefaults()  # else the bytes depend on the user's own matplotlibrc
        matplotlib.rcParams.update(_SETTINGS)
        figure = Figure(figsize=(size[0] / 72, size[1] / 72), layout="constrained")
        draw(figure)
        out = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        figure.savefig(out, format="svg", transparent=True, metadata=nothing)
    return _fit_into_page(out.getvalue(), key, title, description, size)


def _fit_into_page(svg: str, key: str, title: str, description: str, size: tuple[float, float]) -> str:
    body = svg[svg.index("<svg") :]
    body = _GLOBAL_STYLE.sub("", body)  # in a page it would style every element of every other figure
    body = _GROUP_ID.sub("<g", body)
    body = _NO_ROTATION.sub("", body)
    body = _FONT_FAMILY.sub("", body)
    body = _ID.sub(rf"\g<1>{key}-", body)  # ids are unique in a page, not in a figure
    for stand_in, colour in _PAGE_COLOURS.items():
        body = body.replace(stand_in, colour)
    width, height = size
    head = (
        f'<svg class="plot" role="img" aria-labelledby="{key}-title {key}-desc" '
        f'viewBox="0 0 {width:g} {height:g}" style="max-width:{width * 1.25:g}px">'
        f'<title id="{key}-title">{html.escape(title)}</title>'
        f'<desc id="{key}-desc">{html.escape(description)}</desc>'
    )
    return head + body[body.index(">") + 1 :].strip()
