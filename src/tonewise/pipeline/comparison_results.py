"""A comparison as the JSON and the table that scripts read: the names and shapes here are the public surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonewise import report
from tonewise.pipeline.results import evaluation_json, labels_json, problems_json
from tonewise.records import ComparisonResult, ComparisonRow, Evaluation

if TYPE_CHECKING:
    import pandas as pd

_PARTS = ("valid", "test")
_FIGURES = ("roc_auc", "ci_low", "ci_high")


def comparison_json(result: ComparisonResult) -> dict[str, Any]:
    """JSON of `tonewise compare`.

    `rows` has one object a system × split, with `metrics` as in `tonewise train`; what could not be run has a `problem`
    and no figures. `summary` is the paragraph that the page begins with.
    """
    return {
        "corpus": result.corpus,
        "layout": result.layout,
        "utterances": result.utterances,
        "recordings": result.recordings,
        "speakers": result.speakers,
        "labels": labels_json(result.labels),
        "gold": result.gold_column,
        "splits": result.splits,
        "seed": result.seed,
        "rows": [_row_json(row, result.gold_column) for row in result.rows],
        "summary": " ".join(report.comparison_summary(result)),
        "note": result.data_note,
        "seconds": result.seconds,
        "audio_seconds": result.audio_seconds,
        "problems": problems_json(result.problems),
        "versions": result.versions,
    }


def _row_json(row: ComparisonRow, gold_column: str | None) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title,
        "founding": row.founding,
        "features": list(row.features),
        "classifier": row.classifier,
        "labels": row.labels,
        "refined": row.refined,
        "split": row.split,
        "dimensions": row.dimensions,
        "metrics": {part: evaluation_json(found) for part, found in row.evaluations.items()},
        "gold": None if row.gold is None else {"column": gold_column, **evaluation_json(row.gold)},
        "seconds_features": row.seconds_features,
        "seconds_fit": row.seconds_fit,
        "problem": row.problem or None,
    }


def comparison_table(result: ComparisonResult) -> pd.DataFrame:
    """One row a system × split; undefined figures are missing, never invented.

    Columns: key, title, founding, features (joined by commas), classifier, labels, refined, split, dimensions; of each of
    `valid`, `test` and `gold`: `_roc_auc, _ci_low, _ci_high, _n, _accuracy, _majority, _words_roc_auc`; seconds_features,
    seconds_fit (float, seconds) and problem.
    """
    import pandas as pd

    table = pd.DataFrame([_flat(row) for row in result.rows])
    for column in table.columns:
        if column == "dimensions" or column.endswith("_n"):
            table[column] = table[column].astype("Int64")
        elif column.startswith(("valid_", "test_", "gold_", "seconds_")):
            table[column] = table[column].astype("float64")  # else a column without any figure has no type
    return table


def _flat(row: ComparisonRow) -> dict[str, Any]:
    found = {
        "key": row.key,
        "title": row.title,
        "founding": row.founding,
        "features": ",".join(row.features),
        "classifier": row.classifier,
        "labels": row.labels,
        "refined": row.refined,
        "split": row.split,
        "dimensions": row.dimensions,
    }
    for part in _PARTS:
        found |= _figures(part, row.evaluations.get(part))
    found |= _figures("gold", row.gold)
    return {
        **found,
        "seconds_features": row.seconds_features,
        "seconds_fit": row.seconds_fit,
        "problem": row.problem or None,
    }


def _figures(name: str, found: Evaluation | None) -> dict[str, Any]:
    if found is None:
        return dict.fromkeys(f"{name}_{figure}" for figure in (*_FIGURES, "n", "accuracy", "majority", "words_roc_auc"))
    figures = {f"{name}_{figure}": getattr(found.auc, figure) for figure in (*_FIGURES, "n")}
    return {
        **figures,
        f"{name}_accuracy": found.accuracy,
        f"{name}_majority": found.majority,
        f"{name}_words_roc_auc": None if found.words_auc is None else found.words_auc.roc_auc,
    }
