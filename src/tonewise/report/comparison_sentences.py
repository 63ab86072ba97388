"""What a comparison comes to, in sentences that are computed from its figures and claim no more than these allow."""

from __future__ import annotations

from collections.abc import Iterator

from tonewise.records import ComparisonResult, ComparisonRow
from tonewise.report import wording
from tonewise.report.comparison_facts import (
    Contest,
    Judge,
    baseline,
    change,
    contest,
    distance,
    gold_remark,
    group,
    shown,
    split_title,
    systems,
)

RANGE_NOTE = (
    "That range is cautious, since all rows are judged on the same voices and share what is hard about them; the "
    "difference itself was not tested."
)


def summary(result: ComparisonResult) -> list[str]:
    """What a comparison comes to, in a paragraph of sentences, each with its intervals."""
    found = contest(result)
    remark = [gold_remark(result)] if gold_remark(result) else []
    if found is None:
        return ["No row could be judged.", *remark, *_not_run(result)]
    return [
        *remark,
        *_lead(result, found),
        *_chosen_blindly(result, found),
        *_flattered(result, found.judge),
        *_words(result, found),
        *_not_run(result),
    ]


def _lead(result: ComparisonResult, found: Contest) -> Iterator[str]:
    where = f"Split {split_title(result, found.split)} and judged by {found.judge.name} of the test part"
    best = [(whose, row) for whose, row in (("founding row", found.founding), ("row of ours", found.ours)) if row]
    named = " and ".join(
        f"the best {whose} is “{row.title}”, ROC AUC {_short(found.judge, row)}" for whose, row in best
    )
    if found.points is None:
        yield f"{where}, {named}."
    else:
        ahead = f"ours is {distance(found.points)}" if shown(found.points) else "they are equal"
        yield f"{where}, {named}: {ahead}."
        yield from _range_sentences(found)
    row = found.ours or found.founding
    evaluation = found.judge.of(row)
    if evaluation is not None and (caveats := wording.caveats(evaluation.auc)):
        yield f"Beware of {'ours' if row is found.ours else 'it'}: {'; '.join(caveats)}."


def _range_sentences(found: Contest) -> Iterator[str]:
    if found.bounds is None:
        yield "Without both intervals, nobody can say how sure that is."
        return
    low, high = found.bounds
    ends = f"from {wording.number(low)} to {wording.number(high)}"
    overlap = (
        "The intervals overlap, so neither is shown to be ahead."
        if low <= 0 <= high
        else "The intervals do not overlap."
    )
    yield f"Between the far ends of the two intervals the difference is {ends}. {overlap} {RANGE_NOTE}"


def _chosen_blindly(result: ComparisonResult, found: Contest) -> Iterator[str]:
    """That the best were chosen by the figures shown, and whom of ours validation would have chosen instead."""
    rows = [row for row in result.rows if row.split == found.split and found.judge.auc(row) is not None]
    ours = [row for row in rows if not row.founding]
    if max(len(ours), len(rows) - len(ours)) < 2:
        return
    validated = {row.key: auc for row in ours if (auc := _validation(row)) is not None}
    chosen = max((row for row in ours if row.key in validated), key=lambda row: validated[row.key], default=None)
    flattered = "Which rows are best was read off these very figures, which flatters the best a little"
    if chosen is None or len(ours) < 2 or found.ours is None:
        yield f"{flattered}."
    elif chosen.key == found.ours.key:
        yield f"{flattered}; of ours, validation would have chosen the same."
    else:
        yield f"{flattered}; of ours, validation would have chosen “{chosen.title}”, {_short(found.judge, chosen)}."


def _validation(row: ComparisonRow) -> float | None:
    found = row.evaluations.get("valid")
    return None if found is None else found.auc.roc_auc


def _flattered(result: ComparisonResult, judge: Judge) -> Iterator[str]:
    points = [each.points for system in systems(result) if (each := change(judge, system))]
    if not points:
        return
    mean = sum(points) / len(points)
    spread = (
        f"from {wording.signed(min(points))} to {wording.signed(max(points))}" if len(points) > 1 else "one system only"
    )
    many = wording.plural(len(points), "system")
    moved = f"{distance(mean)} on average" if shown(mean) else "the same on average"
    where = f"Split at random, as in the article, where the same {group(result)}s are trained on and tested with"
    yield f"{where}, {many} came out {moved} ({spread})."


def _words(result: ComparisonResult, found: Contest) -> Iterator[str]:
    judged = baseline(result, found.judge, found.split)
    if judged is not None and judged.words_auc is not None and judged.words_auc.roc_auc is not None:
        yield f"The words alone, without any sound, get {wording.auc_short(judged.words_auc)} on these utterances."


def _not_run(result: ComparisonResult) -> Iterator[str]:
    failed, everybody = sum(bool(system.problems) for system in systems(result)), systems(result)
    if failed:
        yield f"{failed} of {wording.plural(len(everybody), 'system')} could not be run."


def _short(judge: Judge, row: ComparisonRow) -> str:
    found = judge.of(row)
    return wording.auc_short(None if found is None else found.auc)
