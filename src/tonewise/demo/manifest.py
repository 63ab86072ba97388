"""The manifests of the demo's corpora."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tonewise.tables import write_text

COLUMNS = ("audio", "start", "end", "text", "speaker", "recording", "language", "tone", "words", "style")


def write_manifest(path: Path, rows: Iterable[dict[str, Any]], more: Iterable[str] = ()) -> None:
    """Write rows as CSV under `COLUMNS` and `more` columns.

    Raises:
        OptionError: the file cannot be written.
    """
    lines = io.StringIO()
    writer = csv.DictWriter(lines, [*COLUMNS, *more], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(lines.getvalue(), path)
