"""What `tonewise evaluate` says on a terminal beside its table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tonewise.cli.console import table
from tonewise.records import Calibration

if TYPE_CHECKING:
    from rich.table import Table

    from tonewise.pipeline import EvaluationResult

SMALLEST = 0.001  # p-values under it are not told apart


def p_value(p: float | None) -> str:
    """A p-value as people write it: "p = 0.034", "p < 0.001"."""
    if p is None:
        return "p is not defined"
    return f"p < {SMALLEST}" if p < SMALLEST else f"p = {p:.3f}"


def chance_line(result: EvaluationResult) -> Iterator[str]:
    """How often chance ranks as clearly; nothing where there is no AUC."""
    if result.p_chance is not None:
        yield f"Against chance: {p_value(result.p_chance)} (two-sided; labels dealt anew within voices)."


def rival_line(result: EvaluationResult) -> Iterator[str]:
    """The paired comparison in one sentence."""
    from tonewise.report.wording import auc_short, plural, signed

    rival = result.rival
    if rival is None:
        return
    found = rival.comparison
    difference, low, high = (signed(each, 3) for each in (found.difference, found.ci_low, found.ci_high))
    yield (
        f"Against {rival.model}: {auc_short(rival.own)} here, {auc_short(rival.auc)} there; difference "
        f"{difference} (95 % {low} to {high}), {p_value(found.p_value)} "
        f"({found.method}, {plural(found.n, 'utterance')}, {plural(found.groups, rival.auc.grouped_by)})."
    )
    if rival.trained_groups:
        yield (
            f"{rival.trained_groups} of these speakers or recordings were in the second model's training "
            "split: its figures are flattered."
        )


def group_lines(result: EvaluationResult) -> Iterator[str]:
    """Which values of a column lag, and of how many nothing can be told; the warnings themselves are problems."""
    from tonewise.report.wording import plural

    for column, found in result.groups.items():
        lagging = [each.value for each in found if each.lags]
        unknown = [each.value for each in found if each.lags is None]
        said = f"{', '.join(lagging)} lags behind the rest" if lagging else "none is shown to lag behind the rest"
        few = f"; of {plural(len(unknown), 'value')} there is too little to tell" if unknown else ""
        yield f"By {column}: {said}{few}."


def calibration_lines(found: Calibration) -> Iterator[Table | str]:
    """The reliability curve as a table, and the Brier score and calibration error in a sentence."""
    from tonewise.report.wording import number

    if not found.n:
        return
    rows = [
        [number(each.score), f"{number(each.share)} ({number(each.ci_low)}–{number(each.ci_high)})", str(each.n)]
        for each in found.bins
    ]
    yield table("Tone as a probability", ["mean tone", "share positive (95 %)", "n"], rows)
    yield (
        f"Brier score {number(found.brier, 3)} (95 % {number(found.brier_low, 3)}–{number(found.brier_high, 3)}; always "
        f"saying the share of positive ones gets {number(found.uncertainty, 3)}). Expected calibration error "
        f"{number(found.ece, 3)}, where {number(found.ece_chance, 3)} would be chance alone."
    )
