"""Does a model's tone carry over to other languages? Each language by itself, all together, and how sure that is.

The founding article recorded one positive and one negative clip in each of four languages and asked for "proper statistical
rigour". This works on eight recordings and on eight thousand utterances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import labels
from tonewise.errors import BundleError, CorpusError, LabelError, OptionError
from tonewise.evaluation import ranking
from tonewise.pipeline.evaluating import HeardRows, hear_judged, judged_rows
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.results import interval_json, problems_json
from tonewise.records import Corpus, Problem, Progress
from tonewise.report import language_facts as facts
from tonewise.report.language_facts import Finding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEFAULT_GOLD = "polarity"

TOGETHER = "all"  # the name of the finding over all languages


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


def rank_languages(
    model: LoadedModel | str | Path,
    corpora: str | Path | Sequence[str | Path],
    *,
    gold: str | None = None,
    by: str = "language",
    seed: int = 0,
    jobs: int = 2,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> LanguagesResult:
    """Rank positive over negative utterances within each language of a corpus.

    Args:
        model: a loaded model or its folder.
        corpora: see `train`.
        gold: the column of gold labels; None = `polarity`.
        by: the column of languages; any other column works as well.
        seed: of the bootstrap, and of the test where not all orders can be counted.
        jobs, cache, progress: see `evaluate`.

    Raises:
        InputError: the corpus cannot be read, or has no such columns, or nothing in them.
    """
    if by == "tone":
        raise OptionError(
            "the model's own score is called 'tone'; give that column of the corpus another name for --by"
        )
    loaded = loaded_model(model)
    read = read_corpora(corpora)
    column = _gold_column(read, gold)
    judged_rows(read.utterances, column, (by,), read.source)  # bad columns are told before anything is listened to
    corpus = audible(read, jobs=jobs, progress=progress)
    asked, left_out = _with_language(judged_rows(corpus.utterances, column, (by,), corpus.source), by, corpus.source)
    heard = hear_judged(loaded, asked, everybody=corpus.utterances, cache=cache, progress=progress)
    findings = _findings(heard, by, seed)
    return LanguagesResult(
        model=str(loaded.bundle.path),
        model_note=loaded.manifest.get("note") or "",
        corpus=corpus.source,
        by=by,
        gold_column=column,
        findings=findings,
        overall=_finding(TOGETHER, heard, heard.rows, by, seed),
        utterances=len(corpus.utterances),
        trained_groups=heard.trained_groups,
        problems=(*loaded.notices, *corpus.problems, *left_out, *heard.problems),
        scores=_scales(heard.rows, by, _quantiles(loaded)).rename(columns={"_gold": f"gold_{column}"}),
    )


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


def _gold_column(corpus: Corpus, gold: str | None) -> str:
    if gold is not None or DEFAULT_GOLD in corpus.utterances.columns:
        return gold or DEFAULT_GOLD
    known = ", ".join(map(str, corpus.utterances.columns))
    raise LabelError(
        f"{corpus.source} has no column '{DEFAULT_GOLD}'; name the column that says positive or negative with --gold; "
        f"its columns are: {known}"
    )


def _with_language(rows: pd.DataFrame, by: str, source: str) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """The rows whose language is known, and how many are not."""
    known = rows[by].notna() & (rows[by].astype(str).str.strip() != "")
    if not known.any():
        raise CorpusError(
            f"{source} does not say what '{by}' its positive and negative utterances have; fill in that column, or name "
            "another with --by"
        )
    missing = int((~known).sum())
    problem = Problem(f"no_{by}", source, f"utterances without a '{by}' are left out", missing)
    return rows[known], (problem,) if missing else ()


def _findings(heard: HeardRows, by: str, seed: int) -> tuple[Finding, ...]:
    from dataclasses import replace

    found = [
        _finding(str(name), heard, rows, by, seed) for name, rows in heard.rows.groupby(by, sort=False, observed=True)
    ]
    adjusted = ranking.holm([each.p_two_sided for each in found])
    return tuple(replace(each, p_holm=p) for each, p in zip(found, adjusted, strict=True))


def _finding(name: str, heard: HeardRows, rows: pd.DataFrame, by: str, seed: int) -> Finding:
    tone, positive = rows["tone"].to_numpy(), (rows["_gold"] == labels.POSITIVE).to_numpy()
    groups, strata = heard.groups[rows.index].to_numpy(), rows[by].astype(str).to_numpy()
    found = ranking.rank(tone, positive, groups, strata, grouped_by=heard.grouped_by, seed=seed)
    return Finding(
        name=name,
        interval=found.interval,
        voices=found.voices,
        assumption_free=found.assumption_free,
        p_greater=found.p_greater,
        p_two_sided=found.p_two_sided,
        p_smallest=found.p_smallest,
        exact=found.exact,
        strata=found.strata,
        positive_scores=tuple(tone[positive].tolist()),
        negative_scores=tuple(tone[~positive].tolist()),
    )


# -- scales --------------------------------------------------------------------------------------------------------------


def _scales(rows: pd.DataFrame, by: str, quantiles: np.ndarray | None) -> pd.DataFrame:
    """The rows with their tone on the other scales; NaN where a scale is undefined."""
    import numpy as np

    tone = rows["tone"]
    below = np.full(len(rows), np.nan)
    if quantiles is not None:
        below = np.interp(tone, quantiles, np.linspace(0, 1, len(quantiles)))
    return rows.assign(
        tone_minmax=_minmax(tone),
        tone_minmax_within=tone.groupby(rows[by], observed=True).transform(_minmax),
        tone_percentile=below,
    )


def _minmax(tone: pd.Series) -> pd.Series:
    span = tone.max() - tone.min()
    return (tone - tone.min()) / (span if span > 0 else float("nan"))


def _quantiles(loaded: LoadedModel) -> np.ndarray | None:
    """Evenly spaced quantiles of the tones of held-out voices, where the model keeps them."""
    import numpy as np

    kept = loaded.manifest["training"].get("tone_quantiles")
    if kept is None:
        return None
    fits = isinstance(kept, list) and len(kept) > 1 and all(isinstance(each, int | float) for each in kept)
    if not fits or kept != sorted(kept):
        raise BundleError(
            f"{loaded.bundle.path} is damaged: its tone_quantiles are not ascending numbers; train or copy the model again"
        )
    return np.array(kept, dtype=float)


# -- JSON ----------------------------------------------------------------------------------------------------------------


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
