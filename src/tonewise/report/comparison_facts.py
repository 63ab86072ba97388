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
    weak = Judge(wording.label_kind(result.labels), False)
    gold = Judge(wording.gold_kind(result.gold_column), True)
    return [gold, weak] if any(gold.auc(row) is not None for row in result.rows) else [weak]


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
        f"Difference: at random less by {name}, before rounding. At random, the same {name}s are trained on and tested "
        "with, and more of the corpus is trained on; above 0 is what that flatters. The two tests are not of the same "
        "utterances, so a small difference says nothing."
    )


@dataclass(frozen=True, slots=True)
class Change:
    """What random splitting changes in one system's figures: `points` of AUC, and whether the two intervals overlap."""

    points: float
    overlap: bool

    @property
    def signed(self) -> str:
        """As a figure: "+0.08"."""
        return wording.signed(self.points)

    @property
    def words(self) -> str:
        """As words: "0.08 higher at random"."""
        return f"{distance(self.points)} at random" if shown(self.points) else "no difference"


def change(judge: Judge, system: System) -> Change | None:
    """At random less by speaker; None where one of them is undefined."""
    at_random, by_speaker = (judge.of(system.rows.get(split)) for split in (RANDOM, SPEAKER))
    if at_random is None or by_speaker is None:
        return None
    if at_random.auc.roc_auc is None or by_speaker.auc.roc_auc is None:
        return None
    low, high = difference_range(at_random.auc, by_speaker.auc) or (-1.0, 1.0)
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
        return None if theirs is None or ours is None else difference_range(ours.auc, theirs.auc)


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


def shown(points: float) -> bool:
    """Whether a difference is one at two decimals."""
    return abs(round(points, 2)) > 0


def distance(points: float) -> str:
    """A difference in words: "0.08 higher"."""
    return f"{abs(points):.2f} {'higher' if points > 0 else 'lower'}"


def difference_range(first: Interval, second: Interval) -> tuple[float, float] | None:
    """The first less the second between the far ends of their intervals, None where one has none."""
    if None in (first.ci_low, first.ci_high, second.ci_low, second.ci_high):
        return None
    assert first.ci_low is not None and first.ci_high is not None
    assert second.ci_low is not None and second.ci_high is not None
    return first.ci_low - second.ci_high, first.ci_high - second.ci_low


def _evaluations(rows: Sequence[ComparisonRow]) -> Iterator[Evaluation]:
    for row in rows:
        yield from filter(None, (row.gold, *row.evaluations.values()))
