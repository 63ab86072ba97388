"""What `tonewise label` shows on a terminal: what was labelled, by whom, who agrees, what is doubtful; one screen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.cli.console import note, say, table
from tonewise.errors import printable
from tonewise.records import LabelSummary

if TYPE_CHECKING:
    from rich.console import Console

    from tonewise.pipeline import LabelledCorpus

EXAMPLES_SHOWN = 2  # of a kind; the labels that are least sure are all shown
EXAMPLE_TITLES = {"abstained": "Left out, for example", "doubtful": "Most doubtful labels"}
TEXT_WIDTH = 30  # cells: less of a sentence is no example
NAME_WIDTH = 12  # cells of a labeller's name above its scores
LONG_NAME = 15  # cells of one beside its figures: a model's full name is in --json and on the page
PAIRS_SHOWN = 3


def show_labels(labelled: LabelledCorpus, screen: Console) -> None:
    """Show what labels are worth, in at most some fifty lines of 80 cells or more."""
    summary = labelled.summary
    _show_coverage(labelled, screen)
    _show_labellers(summary, screen)
    _show_agreement(summary, screen)
    _show_gold(summary, screen)
    _show_examples(summary, screen)


def _show_coverage(labelled: LabelledCorpus, screen: Console) -> None:
    from tonewise.report import label_facts
    from tonewise.report.wording import balance, percent, plural

    summary, corpus = labelled.summary, labelled.corpus
    utterances = plural(summary.utterances, "utterance")
    recordings = plural(corpus.utterances["recording"].nunique(), "recording")
    say(screen, f"{corpus.source}: {utterances} of {recordings} ({corpus.layout})")
    say(screen, f"{percent(summary.coverage)} labelled by {summary.labeller}: {balance(summary.counts)}")
    if summary.abstentions:
        say(screen, f"left out: {label_facts.reasons(summary)}")
    if len(summary.languages) > 1:
        found = ", ".join(f"{tag} {share}" for tag, _, share in label_facts.languages(summary))
        say(screen, f"languages of the texts: {found}")


def _show_labellers(summary: LabelSummary, screen: Console) -> None:
    from tonewise.report.label_facts import labeller_table

    found = labeller_table(summary)
    if found is None:
        return
    screen.print()
    rows = [[_name(name), *figures] for name, figures in found.rows]
    screen.print(table(found.title, ["", *found.columns], rows))
    note(screen, *found.notes)


def _show_agreement(summary: LabelSummary, screen: Console) -> None:
    from tonewise.report.label_facts import AGREEMENT_NOTE, agreement_rows

    if not summary.agreement:
        return
    pairs = agreement_rows(summary)
    least = sorted(pairs, key=lambda pair: pair.share)[:PAIRS_SHOWN]
    rows = [
        [" and ".join(map(_name, pair.names)), pair.both, pair.agree, pair.rate.text, pair.kappa.text] for pair in least
    ]
    some = f" The {len(least)} of {len(pairs)} pairs that agree least" if len(least) < len(pairs) else ""
    screen.print()
    screen.print(table(f"Do they agree?{some}", ["pair", "both say something", "same sign", "share", "kappa"], rows))
    note(screen, AGREEMENT_NOTE)


def _show_gold(summary: LabelSummary, screen: Console) -> None:
    from tonewise.report.label_facts import GOLD_NOTE, gold_figures
    from tonewise.report.wording import auc_short, count, percent

    found = gold_figures(summary)
    if not found:
        return
    rows = [
        [_name(name), auc_short(each.auc), percent(each.accuracy), percent(each.majority), count(each.auc.n)]
        for name, each in found
    ]
    title = f"Against gold labels (column {summary.gold_column})" if summary.gold_column else "Against gold labels"
    screen.print()
    screen.print(table(title, ["labels", "ROC AUC (95 %)", "accuracy", "majority", "n"], rows))
    note(screen, GOLD_NOTE)


def _show_examples(summary: LabelSummary, screen: Console) -> None:
    """All kinds in one table; who scored what is left out where it would leave too little of the text."""
    from rich.text import Text

    groups = {kind: found for kind, found in summary.examples.items() if found}
    if not groups:
        return
    scores = _score_columns(summary, screen.width)
    limit = screen.width - sum(map(_column_width, scores)) - 2
    most = EXAMPLES_SHOWN if len(summary.labellers) <= 2 else 1
    drawn = table("", ["text", *(_name(name, NAME_WIDTH) for name in scores)], [])
    for kind, found in groups.items():
        drawn.add_row(Text(EXAMPLE_TITLES.get(kind, f"{kind.capitalize()}, for example"), style="bold"))
        for each in found if kind == "doubtful" else found[:most]:
            drawn.add_row(
                Text(f" {_short(each['text'], limit - 1)}"), *(_figure(name, each.get(name)) for name in scores)
            )
    screen.print()
    screen.print(drawn)


def _score_columns(summary: LabelSummary, width: int) -> list[str]:
    """What is shown beside a text; not the confidence where it is but the score without its sign."""
    labelled = [each for found in summary.examples.values() for each in found if each.get("confidence")]
    plain = all(each["score"] is not None and each["confidence"] == abs(each["score"]) for each in labelled)
    own = ["score"] if plain else ["score", "confidence"]
    inside = [each.name for each in summary.labellers]
    fits = sum(map(_column_width, own + inside)) + TEXT_WIDTH <= width
    return own + inside if fits else own


def _column_width(name: str) -> int:
    return 3 + max(len("+0.00"), min(len(name), NAME_WIDTH))


def _figure(name: str, value: float | None) -> str:
    from tonewise.report.wording import MINUS

    if value is None:
        return "–"
    return f"{value:.2f}" if name == "confidence" else f"{value:+.2f}".replace("-", MINUS)


def _name(name: str, limit: int = LONG_NAME) -> str:
    """A labeller's name; of a long one, such as a model's on a hub, the beginning and the end of its last part."""
    last = name if len(name) <= limit else name.rpartition("/")[2]
    half = (limit - 1) // 2
    return last if len(last) <= limit else f"{last[:half]}…{last[-half:]}"


def _short(text: str, limit: int) -> str:
    """One line of at most so many cells."""
    from rich.text import Text

    line = Text(printable(" ".join(text.split())))
    line.truncate(limit, overflow="ellipsis")
    return line.plain
