"""What labels are worth, as rows and sentences for every surface: the pages, the model card and the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tonewise.records import Evaluation, LabellerSummary, LabelSummary
from tonewise.report import wording
from tonewise.report.sections import Bar, Cell, bar

EXAMPLES_SHOWN = 6  # a kind

AGREEMENT_NOTE = "Agreement is not accuracy: labellers of the same words share mistakes."
KAPPA_NOTE = "Kappa counts agreement beyond chance: 0 is chance, 1 perfect."
ESTIMATE_NOTES = {
    "neighbours": (
        "Accuracy is estimated without gold, from how well a score foretells that of the next sentence: moods last, "
        "mistakes do not. It is too high where mistakes last, too."
    ),
    "covariances": (
        "Accuracy is estimated from how labellers agree, without gold: it is too high where they share mistakes."
    ),
    "prior": "Accuracy is what was found in other dialogue, without gold: this corpus cannot tell it.",
}
GOLD_NOTE = (
    "Text sentiment is not tone: where people judged the text, these figures say how well words were read, and nothing "
    "of how anyone sounded."
)
NO_GOLD = "No gold labels were given, so nothing here says how many of the labels are right."
LIMITS = (
    "Labels judge words. How a voice sounds is only partly in its words: a label is a hint about tone, not a measurement "
    "of it.",
    "What a labeller abstains from is not neutral: it is unknown, and it is left out of training.",
    "A labeller knows the languages and the kind of text that it was made for. Read the examples before training on "
    "anything else.",
)

EXAMPLE_TITLES = {
    "positive": "Labelled positive",
    "negative": "Labelled negative",
    "conflict": "Labellers in conflict",
    "abstained": "Abstained from",
    "doubtful": "Most doubtful labels",
}


def label_parts(labels: LabelSummary) -> list[tuple[str, int, float]]:
    """Each label's name, count and share of all utterances in percent, in the order they are shown in."""
    total = max(labels.utterances, 1)
    names = [name for name in ("positive", "negative", "abstained") if name in labels.counts]
    return [(name, labels.counts[name], round(100 * labels.counts[name] / total, 3)) for name in names]


def reasons(labels: LabelSummary) -> str:
    """Why there are no labels, in one line: "4,730 near neutral, 12 no text"."""
    return ", ".join(f"{wording.count(n)} {_reason(reason)}" for reason, n in labels.abstentions.items())


def _reason(slug: str) -> str:
    return wording.words_from_slug(slug).lower()


@dataclass(frozen=True, slots=True)
class LabellerTable:
    """What a score was made from: `columns` of figures, and a row of cells for each labeller or part."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[str, ...]


def labeller_table(labels: LabelSummary) -> LabellerTable | None:
    """The labellers one by one, with only the columns that somebody has a figure for; None where there are none."""
    if not labels.labellers:
        return None
    estimated = any(each.accuracy is not None for each in labels.labellers)
    weighed = any(each.weight is not None for each in labels.labellers)
    optional = [("est.\naccuracy", _estimated)] * estimated + [("weight", _weight)] * weighed
    columns = [
        ("coverage", _coverage),
        ("positive", _positive),
        ("overlap", _overlap),
        ("conflict", _conflict),
        *optional,
    ]
    return LabellerTable(
        title=f"{'Parts' if _of_parts(labels) else 'Labellers'} of {labels.labeller}",
        columns=tuple(name for name, _ in columns),
        rows=tuple((each.name, tuple(figure(each) for _, figure in columns)) for each in labels.labellers),
        notes=(
            _definitions(labels),
            *([ESTIMATE_NOTES.get(labels.evidence, ESTIMATE_NOTES["covariances"])] if estimated else []),
        ),
    )


def _of_parts(labels: LabelSummary) -> bool:
    return all(each.is_part for each in labels.labellers)


def _definitions(labels: LabelSummary) -> str:
    shares = "Shares of all utterances (positive: of its labels). Overlap: another labels it too; conflict: otherwise."
    return f"{shares} A part labels wherever its score is not 0." if _of_parts(labels) else shares


def _coverage(each: LabellerSummary) -> str:
    return wording.percent(each.coverage)


def _positive(each: LabellerSummary) -> str:
    labelled = each.counts["positive"] + each.counts["negative"]
    return wording.percent(each.counts["positive"] / labelled if labelled else None)


def _overlap(each: LabellerSummary) -> str:
    return wording.percent(each.overlap)


def _conflict(each: LabellerSummary) -> str:
    return wording.percent(each.conflict)


def _estimated(each: LabellerSummary) -> str:
    return "–" if each.accuracy is None else wording.percent(each.accuracy)


def _weight(each: LabellerSummary) -> str:
    return "–" if each.weight is None else wording.number(each.weight)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two labellers: how many both judge, how many they agree on, the share of these, and Cohen's kappa.

    `share` orders pairs: it is `rate` as a number, and 1 where that is undefined.
    """

    names: tuple[str, ...]
    both: str
    agree: str
    rate: Cell
    kappa: Cell
    share: float


def agreement_rows(labels: LabelSummary) -> list[Agreement]:
    """Pairs of labellers, undefined figures with their reason."""
    return [
        Agreement(
            tuple(pair.split("~")),
            wording.count(figures["both"]),
            wording.count(figures["agree"]),
            _defined(wording.percent(figures["rate"]), "none that both judge"),
            _defined(wording.number(figures.get("kappa")), "one answer only" if figures["both"] else ""),
            1.0 if figures["rate"] is None else figures["rate"],
        )
        for pair, figures in labels.agreement.items()
    ]


def _defined(text: str, reason: str) -> Cell:
    return Cell(text, reason) if text == wording.UNDEFINED else Cell(text)


def gold_figures(labels: LabelSummary) -> list[tuple[str, Evaluation]]:
    """Whoever was judged by gold labels: the final labels first, then what they were made from."""
    named = [(labels.labeller, labels.gold), *((each.name, each.gold) for each in labels.labellers)]
    return [(name, found) for name, found in named if found is not None]


def gold_bars(labels: LabelSummary) -> list[Bar]:
    """Their intervals, to be drawn on one axis, with the accuracies noted."""
    return [_gold_bar(name, found, found is labels.gold) for name, found in gold_figures(labels)]


def _gold_bar(name: str, found: Evaluation, final: bool) -> Bar:
    drawn = bar(name, "gold" if final else "words", found.auc)
    if found.accuracy is None:
        return drawn
    shares = f"accuracy {wording.percent(found.accuracy)} (majority {wording.percent(found.majority)})"
    return replace(drawn, note=f"{shares}, {wording.sample(found.auc)}")


def languages(labels: LabelSummary) -> list[tuple[str, int, str]]:
    """Languages of the texts: tag, utterances, share."""
    total = max(sum(labels.languages.values()), 1)
    return [(tag, n, wording.percent(n / total)) for tag, n in labels.languages.items()]


def example_groups(labels: LabelSummary) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Examples as (kind, title, [(text, scores)]), the kinds that every summary has first."""
    order = [*EXAMPLE_TITLES, *(kind for kind in labels.examples if kind not in EXAMPLE_TITLES)]
    groups = []
    for kind in order:
        # How sure a label is matters where that is what it is shown for; elsewhere it repeats the score.
        hidden = () if kind == "doubtful" else ("confidence",)
        shown = [_example(each, hidden) for each in labels.examples.get(kind, [])[:EXAMPLES_SHOWN]]
        groups.append((kind, EXAMPLE_TITLES.get(kind, wording.words_from_slug(kind)), shown))
    return groups


def _example(example: Mapping[str, Any], hidden: Sequence[str]) -> tuple[str, str]:
    text = " ".join(str(example.get("text") or "").split())
    text = text if len(text) <= 200 else f"{text[:199].rstrip()}…"
    scores = [_score(name, value) for name, value in example.items() if name not in ("text", *hidden)]
    return text, " · ".join(scores)


def _score(name: str, value: Any) -> str:
    if isinstance(value, int | float):
        return f"{name} {wording.number(value)}"
    return f"{name} {'abstains' if value is None else value}"
