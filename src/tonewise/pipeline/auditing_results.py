"""What an audit has to tell, and as the JSON and the page that scripts and people read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tonewise.evaluation.audit import AuditFindings, SplitFigures
from tonewise.pipeline.results import interval_json, problems_json
from tonewise.records import Problem

if TYPE_CHECKING:
    from tonewise.pipeline.robustness import RobustnessResult


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What an audit has to tell.

    Attributes:
        findings: one for each kind of labels, the telling one first: gold where it was given, then those learned from.
        learned: whose labels the recipe was trained on.
        features, classifier, baseline: the model's recipe.
        note: what the model says of the corpus that it was trained on; often empty.
        utterances: of the corpus; `learned_from` of them have a label to learn.
        voices: speakers (or recordings) of the corpus that could be heard.
        robustness: how the model as it is bears changed sound; None = not asked for.
    """

    model: str
    corpus: str
    findings: tuple[AuditFindings, ...]
    learned: str
    features: tuple[str, ...]
    classifier: str
    baseline: str
    note: str
    utterances: int
    learned_from: int
    voices: int
    seed: int
    problems: tuple[Problem, ...]
    robustness: RobustnessResult | None = None

    @property
    def main(self) -> AuditFindings:
        """The findings that the verdict is taken from."""
        return self.findings[0]


def audit_json(result: AuditResult) -> dict[str, Any]:
    """JSON of `tonewise audit`; undefined figures are null."""
    return {
        **findings_json(result.main),
        "rule": result.main.rule,
        "also": [findings_json(each) for each in result.findings[1:]],
        "model": result.model,
        "corpus": result.corpus,
        "learned": result.learned,
        "features": list(result.features),
        "classifier": result.classifier,
        "baseline": result.baseline,
        "note": result.note,
        "utterances": result.utterances,
        "learned_from": result.learned_from,
        "voices": result.voices,
        "seed": result.seed,
        "robustness": None if result.robustness is None else result.robustness.as_json(),
        "problems": problems_json(result.problems),
    }


def findings_json(found: AuditFindings) -> dict[str, Any]:
    """What was found by one kind of labels."""
    return {
        "truth": found.truth,
        "verdict": found.verdict.name,
        "why": found.verdict.why,
        "held_out": found.held_out,
        "splits": {each.name: _split_json(each) for each in found.splits},
        "missing": found.missing,
        "fall": None if found.fall is None else asdict(found.fall),
        "kept": None if found.kept is None else asdict(found.kept),
        "above_text": None if found.above_text is None else asdict(found.above_text),
        "above_length": None if found.above_length is None else asdict(found.above_length),
        "repeated": None if found.repeated is None else interval_json(found.repeated),
        "text_share": None if found.text_share is None else asdict(found.text_share),
        "without_words": {
            each.name: {**interval_json(each.auc), "untouched": interval_json(each.untouched)} for each in found.sounds
        },
    }


def _split_json(found: SplitFigures) -> dict[str, Any]:
    return {
        **interval_json(found.auc),
        "contents": found.contents,
        "trained": found.trained,
        "text": None if found.text is None else interval_json(found.text),
        "length": None if found.length is None else interval_json(found.length),
    }


def audit_page(result: AuditResult) -> str:
    """The same as an HTML page."""
    from tonewise.report.audit import audit_report

    about = {
        "Model": result.model,
        "Recipe": f"{', '.join(result.features)}; {result.classifier}; baseline {result.baseline}; {result.learned}",
        "What it learned from": result.note,
        "Corpus": f"{result.corpus}: {result.utterances} utterances, {result.learned_from} of them with a label, "
        f"{result.voices} voices",
        "Seed": str(result.seed),
    }
    return audit_report(
        result.findings,
        about={what: value for what, value in about.items() if value},
        problems=result.problems,
        robustness=None if result.robustness is None else result.robustness.as_json(),
    )
