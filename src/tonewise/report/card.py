"""The model card: what a model on disk is for, what it was made from and what its figures do not show."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tonewise.records import TrainingResult
from tonewise.report import label_facts, sections, wording
from tonewise.report.audit import audit_markdown
from tonewise.report.card_metadata import front_matter, portable
from tonewise.report.markdown import escaped

if TYPE_CHECKING:
    from jinja2 import Environment


def model_card(result: TrainingResult) -> str:
    """A Markdown model card with YAML front matter, in the shape of Hugging Face's template.

    The same training gives the same bytes: no dates, timings, cache hits or absolute paths, and no sentence
    of anyone who was recorded. Everything that comes from the corpus is escaped.
    """
    from markupsafe import Markup

    named = wording.named_evaluations(result)
    text = (
        _environment()
        .get_template("card.md.j2")
        .render(
            result=result,
            corpus=portable(result.corpus),
            front=Markup(front_matter(result)),
            languages=_languages(result) or "not detected",
            main=wording.main_evaluation(result),
            named=named,
            metric_rows=sections.metric_rows(named, wording.from_words(result.labels)),
            split=sections.split_table(result.split),
            audit=Markup(audit_markdown(result.audit[0])) if result.audit else None,
        )
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Autoescaping is HTML's; a card is Markdown, so every value goes through Markdown's own escaping instead.
    environment = Environment(
        loader=PackageLoader("tonewise.report", "templates"),
        autoescape=False,
        finalize=_markdown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(w=wording, sections=sections, facts=label_facts)
    environment.filters.update(as_is=_as_is)
    return environment


def _markdown(value: Any) -> Any:
    """A value as one line of Markdown that shows it literally; what is marked as safe stays as it is."""
    from markupsafe import Markup

    if isinstance(value, Markup):
        return value
    return escaped(str(value))


def _as_is(text: str) -> str:
    """tonewise's own Markdown, from `wording`."""
    from markupsafe import Markup

    return Markup(text)


def _languages(result: TrainingResult) -> str:
    """Languages with their shares, the most frequent first; empty where they were not detected."""
    counted = result.labels.languages
    total = sum(counted.values())
    return ", ".join(f"{name} ({wording.percent(n / total)})" for name, n in counted.items())
