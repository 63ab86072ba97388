"""Does a model's tone carry over to other languages? Each language by itself, all together, and how sure that is.

The founding article recorded one positive and one negative clip in each of four languages and asked for "proper statistical
rigour". This works on eight recordings and on eight thousand utterances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, labels
from tonewise.errors import BundleError, CorpusError, LabelError
from tonewise.evaluation import ranking
from tonewise.evaluation.mismatch import rank_among
from tonewise.pipeline.evaluating import HeardRows, hear_judged, judged_rows
from tonewise.pipeline.languages_results import LanguagesResult
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.records import Corpus, Problem, Progress
from tonewise.report.language_facts import Finding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEFAULT_GOLD = "polarity"

TOGETHER = "all"  # the name of the finding over all languages


def rank_languages(
    model: LoadedModel | str | Path,
    corpora: str | Path | Sequence[str | Path],
    *,
    gold: str | None = None,
    by: str = "language",
    seed: int = 0,
    jobs: int = 2,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    raw: str | None = None,
    transcript_format: str | None = None,
) -> LanguagesResult:
    """Rank positive over negative utterances within each language of a corpus.

    Args:
        model: a loaded model or its folder.
        corpora: see `train`.
        gold: the column of gold labels; None = `polarity`.
        by: the column of languages; any other column works as well.
        seed: of the bootstrap, and of the test where not all orders can be counted.
        jobs, untrusted, cache, progress, raw, transcript_format: see `evaluate`.

    Raises:
        InputError: the corpus cannot be read, or has no such columns, or nothing in them.
    """
    loaded = loaded_model(model)
    read = read_corpora(
        corpora,
        raw=raw,
        transcript_format=transcript_format,
        untrusted=untrusted,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )
    column = _gold_column(read, gold)
    if not read.utterances.empty:  # else `audible` says why
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


def _scales(rows: pd.DataFrame, by: str, quantiles: np.ndarray | None) -> pd.DataFrame:
    """The rows with their tone on the other scales; NaN where a scale is undefined."""
    import numpy as np

    tone = rows["tone"]
    below = np.full(len(rows), np.nan)
    if quantiles is not None:
        below = rank_among(tone.to_numpy(), quantiles.tolist())
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
