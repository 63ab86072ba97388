"""One self-contained HTML page about languages: who ranks how, and what may be concluded from so many utterances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from tonewise.records import Evaluation, Problem
from tonewise.report import language_facts as facts
from tonewise.report import sections, wording
from tonewise.report.inputs import LanguageResult
from tonewise.report.language_facts import Finding
from tonewise.report.page import environment
from tonewise.report.sections import Bar, Cell
from tonewise.version import __version__

if TYPE_CHECKING:
    from markupsafe import Markup

DOTS = 200  # drawn of a class and language at most: more cannot be told apart, and each is markup
LISTED = 40  # utterances that are listed one by one


def languages_report(
    findings: Sequence[Finding],
    overall: Finding,
    *,
    model: str,
    corpus: str,
    gold_column: str,
    by: str = "language",
    noun: str = "language",
    model_note: str = "",
    trained_groups: int = 0,
    scores: Sequence[Mapping[str, Any]] = (),
    problems: Sequence[Problem] = (),
) -> str:
    """An HTML page with each language's order, its exact interval and test, and a plain sentence on what they show.

    Like the other pages it needs nothing from elsewhere, equal arguments give equal bytes, and everything that comes from
    the corpus is escaped.

    Args:
        findings: one a language.
        overall: all of them together.
        model, corpus, gold_column, by: what was asked.
        noun: what a value of `by` is called.
        model_note: what the model says of the corpus that it was trained on.
        trained_groups: how many of the speakers (or recordings) were in the model's training split.
        scores: utterances with `by`, `gold`, `audio`, `start` and the scales of `language_facts.SCALES`; `LISTED` of them
            or fewer are shown.
        problems: what was left out.
    """
    scales = [scale for scale in facts.SCALES if any(each.get(scale) is not None for each in scores)]
    page = environment().get_template("languages.html.j2")
    tested = sum(each.p_two_sided is not None for each in findings)
    return page.render(
        overall=overall,
        facts_of=facts,
        summary=facts.overall_conclusion(findings, overall, noun),
        state=facts.state(overall, overall.p_two_sided),
        conclusions=[(each.name, facts.state(each, each.p_holm), facts.conclusion(each, tested)) for each in findings],
        rows=[_row(each) for each in (*findings, overall)],
        bars=_bars(findings, overall),
        plot=_plot(findings),
        thinned=any(max(len(each.positive_scores), len(each.negative_scores)) > DOTS for each in findings),
        listed=[_listed(each, by, scales) for each in scores] if len(scores) <= LISTED else [],
        scales=[facts.SCALE_NAMES[scale] for scale in scales],
        model=model,
        corpus=corpus,
        gold_column=gold_column,
        by=by,
        noun=noun,
        model_note=model_note,
        trained_groups=trained_groups,
        problems=tuple(problems),
        title="Languages",
        version=__version__,
    )


def _row(found: Finding) -> tuple[str, list[Cell]]:
    undefined = found.interval.roc_auc is None
    reason = wording.undefined_reason(found.interval) if undefined else f"95 % {wording.interval_range(found.interval)}"
    free = found.assumption_free
    return found.name, [
        Cell(wording.count(found.positives)),
        Cell(wording.count(found.negatives)),
        Cell(wording.number(found.interval.roc_auc), reason),
        Cell("–" if free is None else f"{wording.number(free[0])}–{wording.number(free[1])}"),
        Cell("–" if undefined else wording.interval_range(found.voices), _voices(found)),
        Cell(facts.p_value(found.p_greater)),
        Cell(facts.p_value(found.p_two_sided), "" if found.exact is not False else "sampled"),
        Cell(facts.p_value(found.p_holm)),
    ]


def _voices(found: Finding) -> str:
    return wording.plural(found.voices.groups, found.voices.grouped_by)


def _bars(findings: Sequence[Finding], overall: Finding) -> list[Bar]:
    bars = []
    for each in (*findings, overall):
        bars.append(sections.bar(each.name, "gold", each.interval))
        if each.interval.roc_auc is not None:
            bars.append(sections.bar("… for other voices", "words", each.voices))
    return bars


def _plot(findings: Sequence[Finding]) -> Markup | None:
    from markupsafe import Markup

    from tonewise.report import figures

    drawn = figures.languages(
        [
            LanguageResult(
                each.name,
                each.name,
                Evaluation(each.interval),
                _thinned(each.positive_scores),
                _thinned(each.negative_scores),
            )
            for each in findings
        ]
    )
    return Markup(drawn) if drawn else None


def _thinned(scores: Sequence[float]) -> tuple[float, ...]:
    """At most `DOTS` of the scores, evenly by rank, the lowest and the highest among them."""
    if len(scores) <= DOTS:
        return tuple(scores)
    ordered = sorted(scores)
    return tuple(ordered[round(step * (len(ordered) - 1) / (DOTS - 1))] for step in range(DOTS))


def _listed(row: Mapping[str, Any], by: str, shown: Sequence[str]) -> tuple[str, str, str, str, list[str]]:
    start = row.get("start") or 0.0
    where = f"{PurePath(str(row['audio'])).name}{f', {start:.1f} s' if start else ''}"
    scales = ["–" if row.get(scale) is None else wording.number(row[scale]) for scale in shown]
    return str(row[by]), str(row["gold"]), where, str(row.get("text") or ""), scales
