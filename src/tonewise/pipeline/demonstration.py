"""The whole way from nothing: a synthetic corpus, models, an evaluation against known tone, four languages, a report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tonewise import labels, report
from tonewise.demo import DemoCorpus, make_corpus
from tonewise.features import DEFAULT_FEATURES
from tonewise.pipeline.evaluating import EvaluationResult, evaluate
from tonewise.pipeline.pictures import LANGUAGES, language_results, spectrograms
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.training import train
from tonewise.records import Progress, TrainingResult
from tonewise.report.wording import auc_short
from tonewise.tables import write_text

#: The default ear, the spectrogram's statistics, and the encoder of Whisper, which was made to read words.
DEMO_FEATURES = (DEFAULT_FEATURES, ("melstats",), ("whisper",))

NOTE = (
    "SYNTHETIC speech by espeak-ng voices whose tone is made by pitch, tempo, loudness and voice quality and agrees with "
    "the words three times in four: figures show that the software works, not how well tone is heard in people"
)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demo made: the corpus, one training run a feature set, the languages by feature set, the report."""

    corpus: DemoCorpus
    trained: tuple[TrainingResult, ...]
    languages: tuple[EvaluationResult, ...]
    report: Path


def demonstrate(
    folder: str | Path,
    *,
    features: Sequence[Sequence[str]] = DEMO_FEATURES,
    utterances: int = 1200,
    seed: int = 0,
    jobs: int = 2,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> Demonstration:
    """Make the demo's corpus in `folder`, train on it, judge what was learned, and write `report.html` beside it.

    Args:
        folder: made where it is absent; made corpora are used again.
        features: the feature sets to train with, one model each; the report is of the first.
        utterances: of English training speech.
        seed, jobs, cache, progress: see `train`.

    Raises:
        MissingExtraError: the extra `demo` is not installed.
    """
    home = Path(folder)
    corpus = make_corpus(home / "corpus", seed=seed, train_utterances=utterances, jobs=jobs, progress=progress)
    trained, languages = [], []
    for names in features:
        result = train(
            corpus.train_manifest,
            home / f"model-{'-'.join(names).replace(':', '_')}",
            features=tuple(names),
            gold="tone",
            seed=seed,
            jobs=jobs,
            note=NOTE,
            cache=cache,
            progress=progress,
        )
        trained.append(result)
        languages.append(
            evaluate(
                result.model,
                corpus.languages_manifest,
                gold="tone",
                by=("language",),
                seed=seed,
                jobs=jobs,
                cache=cache,
                progress=progress,
            )
        )
    page = _report(corpus, trained, languages, seed=seed, jobs=jobs)
    write_text(page, home / "report.html")
    return Demonstration(corpus, tuple(trained), tuple(languages), home / "report.html")


def _report(
    corpus: DemoCorpus,
    trained: Sequence[TrainingResult],
    languages: Sequence[EvaluationResult],
    *,
    seed: int,
    jobs: int,
) -> str:
    utterances = read_audible(corpus.train_manifest, jobs=jobs).utterances
    weak = labels.label_texts(utterances["text"], labels.create("lexicon"))["label"]
    return report.training_report(
        trained[0],
        languages=language_results(languages[0]),
        spectrograms=spectrograms(utterances, weak, seed=seed),
        title="tonewise demo: synthetic voices",
        notes=[_comparison(result, found) for result, found in zip(trained, languages, strict=True)],
    )


def reads_words(result: TrainingResult) -> bool:
    """Whether a model ranks the words' labels better than the known tone, as its two intervals tell apart."""
    words, tone = result.evaluations["test"].auc, result.gold.auc if result.gold else None
    return words.ci_low is not None and tone is not None and tone.ci_high is not None and words.ci_low > tone.ci_high


def _comparison(result: TrainingResult, languages: EvaluationResult) -> str:
    weak, known = result.evaluations["test"].auc, result.gold.auc if result.gold else None
    other = "; ".join(
        f"{LANGUAGES.get(language, language)} {auc_short(found.auc)}"
        for language, found in languages.by["language"].items()
    )
    return (
        f"{', '.join(result.features)} on held-out voices: labels from words {auc_short(weak)}, known tone "
        f"{auc_short(known)}; known tone by language: {other}."
        + (" It knows the words better than the tone: it reads." if reads_words(result) else "")
    )
