"""Features of clips that were changed on purpose: never cached, since each is heard once."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tonewise import audio
from tonewise.audio.perturb import Perturbation, perturb
from tonewise.errors import AudioError
from tonewise.features import Encoder
from tonewise.pipeline.hearing import hear_clips, plan
from tonewise.pipeline.loading import LoadedModel
from tonewise.records import SAMPLE_RATE, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

BATCH = 16  # clips decoded once and changed in every way before the next ones: this bounds the memory


def hear_changed(
    loaded: LoadedModel,
    rows: pd.DataFrame,
    changes: Sequence[Perturbation],
    *,
    seed: int,
    jobs: int = 2,
    progress: Progress | None = None,
) -> tuple[dict[str, np.ndarray], tuple[Problem, ...]]:
    """Change the sound of utterances in every way and encode it as the model does.

    A change is made to the whole utterance; encoders that take clips of one length get it cropped or padded afterwards.

    Args:
        loaded: whose encoders hear.
        rows: utterances with finite times that can be decoded.
        changes: what is done to each.
        seed: of what changes draw.
        jobs: sounds that are changed at once.
        progress: called with stage "changed sound" and the number of sounds.

    Returns:
        Raw features float32 `(n, d)` by change, NaN in rows that could not be heard, without the changes of which nothing
        could be; and what could not be tried.
    """
    import numpy as np

    width = sum(encoder.dimensions for encoder in loaded.encoders)
    found = {each.name: np.full((len(rows), width), np.nan, dtype=np.float32) for each in changes}
    shares = [_shares(rows, encoder, loaded.manifest["seed"]) for encoder in loaded.encoders]
    why: Counter[tuple[str, str]] = Counter()
    done, total = 0, len(rows) * len(changes)
    with ThreadPoolExecutor(max(jobs, 1), thread_name_prefix="change") as pool:
        for batch, sounds in _sounds(rows):
            for each in changes:
                made = list(pool.map(_attempt, sounds, [each] * len(sounds), [seed] * len(sounds)))
                why.update((each.name, reason) for reason in made if isinstance(reason, str))
                _encode(loaded.encoders, shares, batch, made, found[each.name])
                done += len(batch)
                if progress:
                    progress("changed sound", done, total)
    problems = tuple(Problem("untried", name, reason, count) for (name, reason), count in why.items())
    return {name: matrix for name, matrix in found.items() if np.isfinite(matrix).any()}, problems


def _sounds(rows: pd.DataFrame) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
    """Positions of a batch of rows, and what is heard in them from beginning to end; each recording is decoded once.

    Raises:
        AudioError: one of them cannot be decoded.
    """
    import numpy as np

    columns = (rows[name] for name in ("audio", "start", "end", "channel"))
    clips = [audio.whole_clip(*where) for where in zip(*columns, strict=True)]
    heard = hear_clips(clips)
    while batch := list(itertools.islice(heard, BATCH)):
        yield np.array([position for position, _ in batch]), [_decoded(sound) for _, sound in batch]


def _decoded(sound: np.ndarray | AudioError) -> np.ndarray:
    if isinstance(sound, AudioError):
        raise sound
    return sound


def _attempt(sound: np.ndarray, change: Perturbation, seed: int) -> np.ndarray | str:
    try:
        return perturb(sound, change, seed=seed)
    except AudioError as error:
        return str(error)


def _shares(rows: pd.DataFrame, encoder: Encoder, seed: int) -> np.ndarray | None:
    """Where in its fixed clip each utterance lies (or the clip in it), 0..1; None where the encoder takes any length."""
    import numpy as np

    if encoder.clip_seconds is None:
        return None
    spare = encoder.clip_seconds - (rows["end"] - rows["start"]).to_numpy(dtype=float)
    clips = plan(rows, encoder, seed)
    before = [clip.before or clip.start - start for clip, start in zip(clips, rows["start"], strict=True)]
    return np.clip(np.asarray(before) / np.where(spare == 0, 1.0, np.abs(spare)), 0, 1)


def _encode(
    encoders: Sequence[Encoder],
    shares: Sequence[np.ndarray | None],
    batch: np.ndarray,
    sounds: Sequence[np.ndarray | str],
    matrix: np.ndarray,
) -> None:
    """Fill the rows of a batch with what the encoders hear; rows that one of them cannot hear stay NaN."""
    import numpy as np

    first = 0
    for encoder, share in zip(encoders, shares, strict=True):
        heard = {}
        for row, sound in zip(batch, sounds, strict=True):
            if not isinstance(sound, str) and len(sound) >= encoder.minimum_seconds * SAMPLE_RATE:
                heard[row] = sound if share is None else _fitted(sound, encoder.clip_seconds or 0.0, share[row])
        if heard:
            matrix[list(heard), first : first + encoder.dimensions] = encoder.encode(list(heard.values()))
        first += encoder.dimensions
    matrix[batch[~np.isfinite(matrix[batch]).all(axis=1)]] = np.nan


def _fitted(sound: np.ndarray, seconds: float, share: float) -> np.ndarray:
    """A clip of `seconds` of a sound, as `audio.fixed_clip` cuts it."""
    import numpy as np

    total = round(seconds * SAMPLE_RATE)
    spare = total - len(sound)
    first = round(abs(spare) * share)
    return np.pad(sound, (first, spare - first)) if spare >= 0 else sound[first : first + total]
