"""What a ranking within languages has to tell, and as the JSON and the page that scripts and people read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tonewise.pipeline.results import interval_json, problems_json
from tonewise.records import Problem
from tonewise.report import language_facts as facts
from tonewise.report.language_facts import Finding

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LanguagesResult:
    """What was found.

    Attributes:
        model_note: what the model says of the corpus that it was trained on; often empty.
        by: the column whose values are told apart; pairs are made within them.
        findings: one a value, in the order of the corpus.
        overall: over all of them.
        utterances: of the corpus, whether judged or not.
        trained_groups: how many of the speakers (or recordings) judged were in the model's training split.
        scores: the judged utterances with gold label, `tone` and its other scales (`report.language_facts.SCALES`).
    """

    model: str
    model_note: str
    corpus: str
    by: str
    gold_column: str
    findings: tuple[Finding, ...]
    overall: Finding
    utterances: int
    trained_groups: int
    problems: tuple[Problem, ...]
    scores: pd.DataFrame

    @property
    def noun(self) -> str:
        """What a value of `by` is called."""
        return "language" if self.by == "language" else "group"

    @property
    def conclusion(self) -> str:
        """What all languages show together."""
        return facts.overall_conclusion(self.findings, self.overall, self.noun)

    def conclusion_of(self, found: Finding) -> str:
        """What one of them shows."""
        return facts.conclusion(found, sum(each.p_two_sided is not None for each in self.findings))


def languages_json(result: LanguagesResult) -> dict[str, Any]:
    """JSON of `tonewise languages`. Figures that are undefined are null, with the reason in `conclusion`."""
    return {
        "model": result.model,
        "model_note": result.model_note,
        "corpus": result.corpus,
        "by": result.by,
        "gold": result.gold_column,
        "utterances": result.utterances,
        "trained_groups": result.trained_groups,
        "languages": {
            found.name: {**_finding_json(found), "p_holm": found.p_holm, "conclusion": result.conclusion_of(found)}
            for found in result.findings
        },
        "overall": {
            **_finding_json(result.overall),
            "languages": result.overall.strata,
            "conclusion": result.conclusion,
        },
        "scales": dict(facts.SCALES),
        "scores": _scores_json(result),
        "limits": list(facts.LIMITS),
        "problems": problems_json(result.problems),
    }


def languages_page(result: LanguagesResult) -> str:
    """The same as an HTML page."""
    from tonewise.report.languages import LISTED, languages_report

    return languages_report(
        result.findings,
        result.overall,
        model=result.model,
        model_note=result.model_note,
        corpus=result.corpus,
        gold_column=result.gold_column,
        by=result.by,
        noun=result.noun,
        trained_groups=result.trained_groups,
        scores=_scores_json(result) if len(result.scores) <= LISTED else (),
        problems=result.problems,
    )


def _finding_json(found: Finding) -> dict[str, Any]:
    free = found.assumption_free
    return {
        **{key: value for key, value in interval_json(found.interval).items() if key not in ("groups", "grouped_by")},
        "negatives": found.negatives,
        "assumption_free": None if free is None else {"ci_low": free[0], "ci_high": free[1]},
        "voices": {
            key: value
            for key, value in asdict(found.voices).items()
            if key in ("ci_low", "ci_high", "groups", "grouped_by")
        },
        "p_greater": found.p_greater,
        "p_two_sided": found.p_two_sided,
        "p_smallest": found.p_smallest,
        "exact": found.exact,
    }


def _scores_json(result: LanguagesResult) -> list[dict[str, Any]]:
    gold = f"gold_{result.gold_column}"
    columns = list(dict.fromkeys(["audio", "start", "end", "speaker", "text", result.by, gold, *facts.SCALES]))
    chosen = result.scores[columns].astype(object)
    return [
        {"gold" if key == gold else str(key): value for key, value in row.items()}
        for row in chosen.where(chosen.notna(), None).to_dict("records")
    ]
