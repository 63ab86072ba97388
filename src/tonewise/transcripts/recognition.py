"""Speech to timed words: Whisper through faster-whisper, with its guards against words that nobody said."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import weights
from tonewise.errors import OptionError, WeightsError
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np

DEFAULT_SIZE = "tiny.en"

#: Whisper invents words in silence and repeats itself in noise. What voice activity detection finds silent is not given to
#: it; no block is told what was said before (repetitions would feed on themselves); words around long silences are
#: checked again; and a segment is dropped where the model itself thinks that nobody speaks and is unsure of its words.
#: The thresholds are Whisper's own (Radford et al. 2022, section 4.5), the silence faster-whisper's suggestion.
NO_SPEECH, UNSURE, REPETITIVE, SILENCE = 0.6, -1.0, 2.4, 2.0


@dataclass(frozen=True)
class Recogniser:
    """Whisper of some size.

    Attributes:
        size: tiny.en (English), tiny, base, small, medium, large-v3, …; those other than tiny.en come from the hub.
        language: BCP-47 tag of what is spoken; None = English for sizes that end in .en, else found out.
        threads: cores to use, None = all.
    """

    size: str = DEFAULT_SIZE
    language: str | None = None
    threads: int | None = None

    def __post_init__(self) -> None:
        if self.size not in weights.WHISPER_HUB:
            raise OptionError(f"unknown size of whisper '{self.size}'; choose from {', '.join(weights.WHISPER_HUB)}")
        if self.english_only and self.language not in (None, "en"):
            raise OptionError(f"whisper {self.size} knows English only, not '{self.language}'; choose --size small")

    @property
    def english_only(self) -> bool:
        """Whether the model was trained on English alone."""
        return self.size.endswith(".en")

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch the model.

        Raises:
            WeightsError: it cannot be had.
            OptionError: the model does not know the language.
        """
        known = _load(weights.get(f"whisper-{self.size}", progress=progress), self.threads or 0).supported_languages
        if self.language is not None and self.language not in known:
            raise OptionError(f"whisper {self.size} knows no language '{self.language}'; it knows {', '.join(known)}")

    def identity(self) -> dict[str, Any]:
        """Everything that changes the words."""
        return {
            "size": self.size,
            "language": self.language,
            "weights": weights.checksum(f"whisper-{self.size}", "model.bin"),
            "guards": [NO_SPEECH, UNSURE, REPETITIVE, SILENCE],
        }

    def recognise(self, samples: np.ndarray) -> tuple[list[dict[str, Any]], str]:
        """Words of float32 `(n_samples,)` at 16 kHz.

        Returns:
            (segments as Whisper's JSON has them, times in seconds from the first sample; the language).
        """
        model = _load(weights.get(f"whisper-{self.size}"), self.threads or 0)
        found, about = model.transcribe(
            samples,
            language="en" if self.english_only else self.language,
            word_timestamps=True,
            vad_filter=True,
            condition_on_previous_text=False,
            no_speech_threshold=NO_SPEECH,
            log_prob_threshold=UNSURE,
            compression_ratio_threshold=REPETITIVE,
            hallucination_silence_threshold=SILENCE,
        )
        return [_plain(segment) for segment in found if not _invented(segment)], about.language


@functools.lru_cache(maxsize=1)
def _load(folder: Path, threads: int) -> Any:
    from faster_whisper import WhisperModel

    try:
        return WhisperModel(str(folder), device="cpu", compute_type="float32", cpu_threads=threads)
    except (RuntimeError, ValueError) as error:
        raise WeightsError(f"{folder} holds no Whisper model that can be loaded ({error}); fetch it anew") from error


def _invented(segment: Any) -> bool:
    unsure = segment.no_speech_prob > NO_SPEECH and segment.avg_logprob < UNSURE
    nothing = not segment.text.strip() or segment.end <= segment.start  # words that took no time
    return unsure or nothing or segment.compression_ratio > REPETITIVE


def _plain(segment: Any) -> dict[str, Any]:
    """One segment as JSON holds it."""
    return {
        "start": _seconds(segment.start),
        "end": _seconds(segment.end),
        "text": segment.text,
        "avg_logprob": round(segment.avg_logprob, 4),
        "no_speech_prob": round(segment.no_speech_prob, 4),
        "compression_ratio": round(segment.compression_ratio, 4),
        "words": [
            {
                "word": word.word,
                "start": _seconds(word.start),
                "end": _seconds(word.end),
                "probability": round(word.probability, 4),
            }
            for word in segment.words or ()
            if math.isfinite(word.start) and math.isfinite(word.end)
        ],
    }


def _seconds(time: float) -> float:
    return round(float(time), 3)
