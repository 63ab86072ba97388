"""One self-contained HTML page about labels: what was labelled, by whom, and what the labels are worth."""

from __future__ import annotations

from collections.abc import Sequence

from tonewise.records import LabelSummary, Problem
from tonewise.report.page import environment, label_context
from tonewise.version import __version__


def labels_report(
    summary: LabelSummary,
    *,
    source: str,
    layout: str,
    problems: Sequence[Problem] = (),
    recordings: int | None = None,
) -> str:
    """An HTML page that says what was labelled, how sure that is, and what it does not show.

    Like the page of a training run it needs nothing from elsewhere, equal arguments give equal bytes, and everything
    that comes from the corpus is escaped.

    Args:
        summary: what `tonewise.labels.describe` found.
        source: the corpus, as the user named it.
        layout: of the corpus, such as "manifest" or "text".
        problems: what could not be read.
        recordings: how many there are; None = not counted.
    """
    page = environment().get_template("labels.html.j2")
    return page.render(
        source=source,
        layout=layout,
        problems=tuple(problems),
        recordings=recordings,
        title="Label report",
        version=__version__,
        **label_context(summary),
    )
