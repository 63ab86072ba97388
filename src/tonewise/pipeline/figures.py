"""The founding article's pictures of any corpus: two spectrograms, correlated features, and what a model makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, report
from tonewise.errors import OptionError
from tonewise.pipeline.evaluating import EvaluationResult, evaluate
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.labelling import label_corpus
from tonewise.pipeline.pictures import language_results, spectrograms
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.voting import LabelRequest
from tonewise.records import Problem, Progress
from tonewise.tables import write_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FEATURES = "mel"  # what the article averages over time
MINIMUM_UTTERANCES = 3  # of fewer, every correlation is 1 or −1


@dataclass(frozen=True, slots=True)
class SoundPictures:
    """What the article's systems hear: a positive and a negative utterance, and how their features correlate."""

    spectrograms: tuple[report.Spectrogram, ...]
    correlation: report.Correlation | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class FigureFile:
    """A picture that was written; `shows` says in one line what is to be seen."""

    path: Path
    shows: str


@dataclass(frozen=True, slots=True)
class FiguresResult:
    """Pictures that were written, and (among `problems`, as `not_drawn`) those that could not be drawn.

    `trained_groups` counts the judged speakers (or recordings) that the model was trained on, None without a model.
    """

    folder: Path
    files: tuple[FigureFile, ...]
    problems: tuple[Problem, ...]
    trained_groups: int | None = None


def sound_pictures(
    corpora: str | Path | Sequence[str | Path],
    *,
    labels: str = "lexicon",
    seed: int = 0,
    jobs: int = 2,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    raw: str | None = None,
    transcript_format: str | None = None,
) -> SoundPictures:
    """Spectrograms of one positive and one negative utterance drawn at random, and the correlation of all Mel features.

    Correlations (Pearson's) are of the time-averaged log-Mel features of every labelled utterance that can be heard.

    Args:
        corpora: see `train`.
        labels: a labeller or a column: what is positive, what is negative, and what is left out.
        seed: of the draw, and of the clips' random offsets.
        jobs, untrusted, cache, progress, raw, transcript_format: see `train`.

    Raises:
        InputError: the corpus cannot be read, heard or labelled.
    """
    corpus = read_audible(
        corpora,
        raw=raw,
        transcript_format=transcript_format,
        untrusted=untrusted,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )
    labelled = label_corpus(corpus, LabelRequest.of(labels, seed=seed), cache=cache, progress=progress)
    label = labelled.columns["label"]
    shown = spectrograms(corpus.utterances, label, seed=seed)
    chosen = corpus.utterances[label.notna()]
    matrix, problems = _features(chosen, seed, cache, progress) if len(chosen) else (None, ())
    correlation = None if matrix is None else correlate(matrix)
    return SoundPictures(tuple(shown), correlation, (*corpus.problems, *problems))


def _features(
    utterances: pd.DataFrame, seed: int, cache: str | Path | bool, progress: Progress | None
) -> tuple[np.ndarray, tuple[Problem, ...]]:
    heard = hear(utterances, create_encoders([FEATURES]), seed=seed, cache=open_cache(cache), progress=progress)
    return heard.matrix[heard.heard], heard.problems


def correlate(matrix: np.ndarray) -> report.Correlation | None:
    """Pearson's correlations of the columns of `(n, d)` features; None of fewer rows than tell anything.

    Correlations of a column that never changes (but for float32's rounding) are undefined: NaN.
    """
    import numpy as np

    if len(matrix) < MINIMUM_UTTERANCES:
        return None
    values = matrix.astype(np.float64)
    constant = values.std(axis=0) <= np.finfo(np.float32).eps * np.abs(values.mean(axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.atleast_2d(np.corrcoef(values, rowvar=False))
    found[constant, :] = found[:, constant] = np.nan
    return report.Correlation(found, len(matrix))


def write_figures(
    corpora: str | Path | Sequence[str | Path],
    folder: str | Path,
    *,
    model: str | Path | None = None,
    gold: str | None = None,
    labels: str = "lexicon",
    seed: int = 0,
    jobs: int = 2,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    raw: str | None = None,
    transcript_format: str | None = None,
) -> FiguresResult:
    """Write `spectrogram-1.svg`, `spectrogram-2.svg` and `mel-correlation.svg`; with a model `roc.svg`, `languages.svg`.

    Files of these names are replaced; a picture that the corpus does not allow is told among the problems.

    Args:
        corpora: see `train`.
        folder: made where it is absent.
        model: whose tone is compared with gold labels; None = no such pictures.
        gold: the column of gold labels, needed for a model.
        labels, seed, jobs, untrusted, cache, progress, raw, transcript_format: see `sound_pictures`.

    Raises:
        InputError: the corpus, the model or the folder cannot be used, or one of `model` and `gold` is missing.
    """
    home = Path(folder)
    _check(home, model, gold)
    judged = None
    hearing: dict[str, Any] = {"seed": seed, "jobs": jobs, "untrusted": untrusted, "cache": cache, "progress": progress}
    hearing |= {"raw": raw, "transcript_format": transcript_format}
    if model is not None and gold is not None:
        judged = evaluate(model, corpora, gold=gold, by=("language",), **hearing)
    sound = sound_pictures(corpora, labels=labels, **hearing)
    drawn = _sound_drawings(sound) | (_model_drawings(judged) if judged else {})
    files, problems = [], list(dict.fromkeys((*sound.problems, *(judged.problems if judged else ()))))
    for name, picture in drawn.items():
        if picture.svg is None:
            problems.append(Problem("not_drawn", name, picture.shows, 0))
        else:
            write_text(report.svg_document(picture.svg, picture.remark), home / name)
            files.append(FigureFile(home / name, picture.shows))
    return FiguresResult(home, tuple(files), tuple(problems), judged.trained_groups if judged else None)


def _check(home: Path, model: str | Path | None, gold: str | None) -> None:
    if home.exists() and not home.is_dir():
        raise OptionError(f"{home} is a file, and pictures need a folder; choose another -o")
    if model is not None and gold is None:
        raise OptionError("--model is judged by gold labels; name their column with --gold")
    if gold is not None and model is None:
        raise OptionError("--gold judges a model; name one with --model, or leave --gold out")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A figure and what it shows, or None and why there is none; `remark` is written into the picture."""

    svg: str | None
    shows: str
    remark: str = ""


def _sound_drawings(sound: SoundPictures) -> dict[str, _Drawing]:
    from tonewise.report import figures, plots

    loudest = figures.loudest_level(sound.spectrograms)
    reason = "a positive and a negative utterance are needed that can be heard"
    drawn = {f"spectrogram-{number}.svg": _Drawing(None, reason) for number in (1, 2)}
    for number, picture in enumerate(sound.spectrograms, start=1):
        remark = f"{picture.seconds:.1f} s; {figures.padding(picture)}"
        drawing = figures.spectrogram(picture, f"mel{number}", loudest)
        drawn[f"spectrogram-{number}.svg"] = _Drawing(drawing, f"{picture.title}: Mel spectrogram, {remark}", remark)
    found = sound.correlation
    few = f"fewer than {MINIMUM_UTTERANCES} labelled utterances can be heard"
    drawn["mel-correlation.svg"] = (
        _Drawing(plots.mel_correlation(found), found.caption, found.facts) if found else _Drawing(None, few)
    )
    return drawn


def _model_drawings(judged: EvaluationResult) -> dict[str, _Drawing]:
    from tonewise.report import figures, plots, wording

    known, column = judged.trained_groups, judged.gold_column
    flattered = f"flattered: {known} of the voices were trained on" if known else ""
    title = f"ROC curve by gold labels (column {column})"
    curve = plots.roc_lines([plots.RocLine("all judged utterances", judged.evaluation)], key="roc", title=title)
    languages = language_results(judged)
    many = wording.plural(len(languages), "language")
    shown = f"positive and negative recordings of {many} by gold labels (column {column}), min–max scaled"
    unknown = "no judged utterance has a language; add a `language` column"
    return {
        "roc.svg": _Drawing(
            curve, _told(f"{title}: ROC AUC {wording.auc_phrase(judged.evaluation.auc)}", flattered), flattered
        ),
        "languages.svg": _Drawing(
            figures.languages(languages), _told(shown, flattered) if languages else unknown, flattered
        ),
    }


def _told(shown: str, remark: str) -> str:
    return f"{shown}; {remark}" if remark else shown
