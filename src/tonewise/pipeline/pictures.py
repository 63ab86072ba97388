"""What a report shows of the sound itself: Mel spectrograms of two clips, as the founding article cuts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise import audio, labels, report
from tonewise.errors import AudioError
from tonewise.features import log_mel

if TYPE_CHECKING:
    import pandas as pd

CLIP_SECONDS = 7.0


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
