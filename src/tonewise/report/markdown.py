"""Text and tables as Markdown that shows them literally."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_MARKS = re.compile(r"([\\`*_\[\]<>|#~])")


def escaped(text: str) -> str:
    """A text as one line in which no mark of Markdown has an effect."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, its cells escaped; the first and the last column are texts, those between figures."""
    sides = ["---", *["---:"] * (len(columns) - 2), "---"]
    return [f"| {' | '.join(cells)} |" for cells in (columns, sides, *(map(escaped, row) for row in rows))]
