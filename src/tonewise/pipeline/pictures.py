"""What reports show beside their figures, as the founding article did: spectrograms of two clips, tones by language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise import audio, labels, report
from tonewise.errors import AudioError
from tonewise.features import log_mel
from tonewise.pipeline.evaluating import EvaluationResult

if TYPE_CHECKING:
    import pandas as pd

CLIP_SECONDS = 7.0

#: The article's languages, in its order.
LANGUAGES = {"en": "English", "fr": "French", "ru": "Russian", "hy": "Armenian"}


def spectrograms(utterances: pd.DataFrame, label: pd.Series, *, seed: int) -> list[report.Spectrogram]:
    """The 7 s clips of one positive and one negative utterance drawn at random; one that cannot be heard is left out.

    Args:
        utterances: with finite times.
        label: positive, negative or None, with the same index.
        seed: of the draw, and of the clips' random offsets.
    """
    pictures = []
    for kind in (labels.POSITIVE, labels.NEGATIVE):
        of_kind = utterances[label == kind]
        if of_kind.empty:
            continue
        row = of_kind.sample(1, random_state=seed).iloc[0]
        clip = audio.fixed_clip(
            row["audio"],
            row["start"],
            row["end"],
            row["channel"],
            seconds=CLIP_SECONDS,
            seed=seed,
            name=row["recording"],
        )
        try:
            samples = audio.hear(clip)
        except AudioError:
            continue  # the run has already listed it among its problems
        pictures.append(
            report.Spectrogram(
                title=f"Labelled {kind}",
                log_mel=log_mel(samples),
                seconds=CLIP_SECONDS,
                padding=(clip.before, clip.after),
                caption=row["text"] or "",
            )
        )
    return pictures


def language_results(result: EvaluationResult) -> list[report.LanguageResult]:
    """Each language's evaluation and the tones of its positive and negative clips: `LANGUAGES`, then others by name.

    Args:
        result: of an evaluation `by` language.
    """
    scores = result.scores
    polarity = scores[f"gold_{result.gold_column}"]

    def tones(language: str, kind: str) -> tuple[float, ...]:
        chosen: pd.Series = scores["tone"][(scores["language"] == language) & (polarity == kind)]
        return tuple(float(tone) for tone in chosen)

    found = result.by["language"]
    known = [language for language in LANGUAGES if language in found]
    return [
        report.LanguageResult(
            language=language,
            name=LANGUAGES.get(language, language),
            evaluation=found[language],
            positive_scores=tones(language, labels.POSITIVE),
            negative_scores=tones(language, labels.NEGATIVE),
        )
        for language in (*known, *(other for other in found if other not in LANGUAGES))
    ]
