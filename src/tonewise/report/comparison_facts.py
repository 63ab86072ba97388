"""A comparison of systems as rows and sentences for every surface: who is judged by what, who is ahead, and how sure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tonewise.records import ComparisonResult, ComparisonRow, Evaluation, Interval
from tonewise.report import wording

SPEAKER, RANDOM = "speaker", "random"
_SHOWN_FIRST = (SPEAKER, RANDOM)
GROUPS = {True: "The founding article", False: "Ours"}

SAME_VOICES_NOTE = (
    "All rows of a split are judged on the same voices: what is hard about these is hard for every row, so intervals of "
    "two rows overlap more than their difference warrants."
)
TIME_NOTE = (
    "Features: to hear every clip once, whatever the split. –: they came from the cache, and nobody had timed them."
)
RANGE_NOTE = (
    "That range is cautious, since all rows are judged on the same voices and share what is hard about them; the "
    "difference itself was not tested."
)


@dataclass(frozen=True, slots=True)
class Judge:
    """What rows are judged by on the test part: gold labels, or those that the whole comparison is judged by."""

    name: str
    gold: bool

    def of(self, row: ComparisonRow | None) -> Evaluation | None:
        """What a row is worth to this judge; None where it was not judged."""
        if row is None:
            return None
        return row.gold if self.gold else row.evaluations.get("test")

    def auc(self, row: ComparisonRow | None) -> float | None:
        """The area alone, None where it is undefined."""
        found = self.of(row)
        return None if found is None else found.auc.roc_auc


@dataclass(frozen=True, slots=True)
class System:
    """One system under every split that it was compared in; `rows` is by split."""

    key: str
    title: str
    founding: bool
    rows: dict[str, ComparisonRow]

    @property
    def about(self) -> str:
        """What it hears with, learns with and learned from: "mel, forest; labels lexicon"."""
        row = next(iter(self.rows.values()))
        refined = ", refined by the voice" if row.refined else ""
        return f"{', '.join(row.features)}; {row.classifier}; labels {row.labels}{refined}"

    @property
    def problems(self) -> tuple[str, ...]:
        """Why it could not be run, each reason once."""
        return tuple(dict.fromkeys(row.problem for row in self.rows.values() if row.problem))


def systems(result: ComparisonResult) -> list[System]:
    """The systems, the founding article's first."""
    found: dict[str, System] = {}
    for row in result.rows:
        found.setdefault(row.key, System(row.key, row.title, row.founding, {})).rows[row.split] = row
    return sorted(found.values(), key=lambda system: not system.founding)


def grouped(result: ComparisonResult) -> list[tuple[str, list[System]]]:
    """The systems under the headings that every table has; a heading without systems is left out."""
    groups = [(name, [s for s in systems(result) if s.founding == founding]) for founding, name in GROUPS.items()]
    return [(name, members) for name, members in groups if members]


def split_names(result: ComparisonResult) -> list[str]:
    """The splits, the one that nobody is flattered by first."""
    names = dict.fromkeys([*(row.split for row in result.rows), *result.splits])
    return [name for name in _SHOWN_FIRST if name in names] + [name for name in names if name not in _SHOWN_FIRST]


def group(result: ComparisonResult) -> str:
    """What is kept apart and resampled: "speaker", or "recording" where no speakers are known."""
    return next((found.auc.grouped_by for found in _evaluations(result.rows)), "speaker")


def split_title(result: ComparisonResult, split: str) -> str:
    """A split in words that follow "split": "by speaker", "at random"."""
    return {SPEAKER: f"by {group(result)}", RANDOM: "at random"}.get(split, wording.words_from_slug(split).lower())


def judges(result: ComparisonResult) -> list[Judge]:
    """Gold labels where they judge anything, then the labels of the comparison."""
    weak = Judge(_label_kind(result), False)
    gold = Judge(f"gold labels (column {result.gold_column})" if result.gold_column else "gold labels", True)
    return [gold, weak] if any(gold.auc(row) is not None for row in result.rows) else [weak]


def _label_kind(result: ComparisonResult) -> str:
    name = result.labels.labeller
    return f"weak labels ({name})" if wording.from_words(result.labels) else f"labels of column {name}"


def gold_remark(result: ComparisonResult) -> str:
    """Why no gold labels judge, and what that means; empty where they do."""
    if judges(result)[0].gold:
        return ""
    if result.gold_column is None:
        return "No gold labels were given, so nothing here measures how well tone is heard."
    reasons = [wording.undefined_reason(row.gold.auc) for row in result.rows if row.gold is not None]
    why = reasons[0] if reasons else "no utterance of a test part has one"
    return (
        f"The gold labels of column {result.gold_column} judge no row ({why}), so nothing here measures how well tone is "
        "heard."
    )


def difference_note(result: ComparisonResult) -> str:
    """What the difference between the two splits is, and how little a small one says."""
    name = group(result)
    return (
        f"Difference: at random less by {name}, before rounding. At random, the same {name}s are trained on and tested with, and more of "
        "the corpus is trained on; above 0 is what that flatters. The two tests are not of the same utterances, so a "
        "small difference says nothing."
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What random splitting changes in one system's figures: `points` of AUC, and whether the two intervals overlap."""

    points: float
    overlap: bool

    @property
    def signed(self) -> str:
        """As a figure: "+0.08"."""
        return signed(self.points)

    @property
    def words(self) -> str:
        """As words: "0.08 higher at random"."""
        return f"{_distance(self.points)} at random" if _shown(self.points) else "no difference"


def change(judge: Judge, system: System) -> Change | None:
    """At random less by speaker; None where one of them is undefined."""
    at_random, by_speaker = (judge.of(system.rows.get(split)) for split in (RANDOM, SPEAKER))
    if at_random is None or by_speaker is None:
        return None
    if at_random.auc.roc_auc is None or by_speaker.auc.roc_auc is None:
        return None
    low, high = _range(at_random.auc, by_speaker.auc) or (-1.0, 1.0)
    return Change(at_random.auc.roc_auc - by_speaker.auc.roc_auc, low <= 0 <= high)


def baseline(result: ComparisonResult, judge: Judge, split: str, part: str = "test") -> Evaluation | None:
    """The evaluation whose words and majority stand for all rows of a split: the utterances are the same."""
    rows = [row for row in result.rows if row.split == split]
    found = [judge.of(row) if part == "test" else row.evaluations.get(part) for row in rows]
    return max((each for each in found if each is not None), key=lambda each: each.auc.n, default=None)


@dataclass(frozen=True, slots=True)
class Contest:
    """The best founding row and the best of ours, by the most telling judge and split; None where there is none."""

    judge: Judge
    split: str
    founding: ComparisonRow | None
    ours: ComparisonRow | None

    @property
    def points(self) -> float | None:
        """How much further ours is, in points of AUC."""
        theirs, ours = self.judge.auc(self.founding), self.judge.auc(self.ours)
        return None if theirs is None or ours is None else ours - theirs

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The difference between the far ends of both intervals."""
        theirs, ours = self.judge.of(self.founding), self.judge.of(self.ours)
        return None if theirs is None or ours is None else _range(ours.auc, theirs.auc)


def contest(result: ComparisonResult) -> Contest | None:
    """Who is to be named first; None where no row was judged."""
    for judge in judges(result):
        for split in split_names(result):
            rows = [row for row in result.rows if row.split == split and judge.auc(row) is not None]
            if rows:
                return Contest(judge, split, _best(judge, rows, True), _best(judge, rows, False))
    return None


def _best(judge: Judge, rows: Sequence[ComparisonRow], founding: bool) -> ComparisonRow | None:
    return max((row for row in rows if row.founding == founding), key=lambda row: judge.auc(row) or 0.0, default=None)


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
        ahead = f"ours is {_distance(found.points)}" if _shown(found.points) else "they are equal"
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
    """What would have been called our best row by somebody who had not seen the figures that it is judged by."""
    rows = [row for row in result.rows if row.split == found.split and not row.founding and found.judge.of(row)]
    if found.ours is None or len(rows) < 2:
        return
    validated = {row.key: _validation(row) for row in rows}
    known = [row for row in rows if validated[row.key] is not None]
    flattered = "Which rows are best was read off these very figures, which flatters both a little"
    if not known:
        yield f"{flattered}."
        return
    chosen = max(known, key=lambda row: validated[row.key] or 0.0)
    if chosen.key == found.ours.key:
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
    spread = f"from {signed(min(points))} to {signed(max(points))}" if len(points) > 1 else "one system only"
    many = wording.plural(len(points), "system")
    moved = f"{_distance(mean)} on average" if _shown(mean) else "the same on average"
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


def signed(points: float) -> str:
    """A difference with its sign and two decimals: "+0.08", "−0.02", "0.00"."""
    return f"{points:+.2f}".replace("-", wording.MINUS) if _shown(points) else "0.00"


def _shown(points: float) -> bool:
    return abs(round(points, 2)) > 0


def _distance(points: float) -> str:
    return f"{abs(points):.2f} {'higher' if points > 0 else 'lower'}"


def _short(judge: Judge, row: ComparisonRow) -> str:
    found = judge.of(row)
    return wording.auc_short(None if found is None else found.auc)


def _range(first: Interval, second: Interval) -> tuple[float, float] | None:
    """The first less the second between the far ends of their intervals, None where one has none."""
    if None in (first.ci_low, first.ci_high, second.ci_low, second.ci_high):
        return None
    assert first.ci_low is not None and first.ci_high is not None
    assert second.ci_low is not None and second.ci_high is not None
    return first.ci_low - second.ci_high, first.ci_high - second.ci_low


def _evaluations(rows: Sequence[ComparisonRow]) -> Iterator[Evaluation]:
    for row in rows:
        yield from filter(None, (row.gold, *row.evaluations.values()))
