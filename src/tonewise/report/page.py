"""What the HTML pages have in common: how templates are filled in, and the part that is about labels."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import TYPE_CHECKING, Any

from tonewise.records import LabelSummary
from tonewise.report import label_facts, sections, wording

if TYPE_CHECKING:
    from jinja2 import Environment


def environment() -> Environment:
    """Templates that escape whatever they are given, and refuse to leave out what they are not."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("tonewise.report", "templates"),
        autoescape=True,
        finalize=_typeset,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals.update(w=wording, sections=sections, facts=label_facts)
    found.filters["code"] = _code
    return found


def script_context(folder: str, name: str) -> dict[str, Any]:
    """A script of this package for the page, and its hash, by which the page's content security policy allows it."""
    from markupsafe import Markup

    script = resources.files("tonewise.report").joinpath(folder, name).read_text(encoding="utf-8")
    return {
        "script": Markup(script),
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    }


def label_context(labels: LabelSummary) -> dict[str, Any]:
    """What `labels_section.html.j2` shows."""
    from markupsafe import Markup

    from tonewise.report.figures import score_histogram

    histogram = score_histogram(labels)
    return {"labels": labels, "histogram": Markup(histogram) if histogram else None}


def _typeset(value: Any) -> Any:
    """A value for the page: a per cent sign stays on the line of its number."""
    return value.replace(" %", "\N{NO-BREAK SPACE}%") if type(value) is str else value


def _code(text: str) -> str:
    """Text with what is between backticks as `<code>`, all of it escaped."""
    from markupsafe import Markup, escape

    parts = (escape(part) for part in text.split("`"))
    return Markup().join(Markup("<code>{}</code>").format(part) if i % 2 else part for i, part in enumerate(parts))
