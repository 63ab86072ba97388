"""One self-contained HTML page about a training run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tonewise.records import TrainingResult
from tonewise.report import sections, wording
from tonewise.report.inputs import LanguageResult, Spectrogram
from tonewise.report.page import environment, label_context


def training_report(
    result: TrainingResult,
    *,
    languages: Sequence[LanguageResult] = (),
    spectrograms: Sequence[Spectrogram] = (),
    title: str = "Training report",
    notes: Sequence[str] = (),
) -> str:
    """An HTML page that says what was trained, on what, how well it does, and what that does not show.

    The page needs nothing from elsewhere: no script, font, image or style sheet. Equal arguments give equal
    bytes. `spectrograms` is meant for a few pictures (at most some 100 kB each); `notes` are shown near the
    top. Everything that comes from the corpus is escaped.
    """
    page = environment().get_template("training.html.j2")
    context = {"result": result, "title": title, "notes": notes, "problems": result.problems}
    labels = {"split": sections.split_table(result.split), **label_context(result.labels)}
    return page.render(**context, **labels, **_evaluation(result), **_pictures(languages, spectrograms))


def _evaluation(result: TrainingResult) -> dict[str, Any]:
    from markupsafe import Markup

    from tonewise.report.audit import audit_section
    from tonewise.report.figures import roc_curves
    from tonewise.report.reliability import drawn_reliability

    named = wording.named_evaluations(result)
    roc = roc_curves(named)
    return {
        "named": named,
        "reliability": drawn_reliability(result.reliability),
        "audits": [audit_section(found) for found in result.audit],
        "main": wording.main_evaluation(result),
        "bars": sections.bars(named),
        "metric_rows": sections.metric_rows(named, wording.from_words(result.labels)),
        "roc": Markup(roc) if roc else None,
    }


def _pictures(languages: Sequence[LanguageResult], spectrograms: Sequence[Spectrogram]) -> dict[str, Any]:
    from markupsafe import Markup

    from tonewise.report import figures

    plot = figures.languages(languages)
    return {
        "spectrograms": figures.spectrograms(spectrograms),
        "languages": languages,
        "language_bars": [sections.bar(each.name, "gold", each.evaluation.auc) for each in languages],
        "languages_plot": Markup(plot) if plot else None,
        "languages_summary": sections.languages_summary(languages),
    }
