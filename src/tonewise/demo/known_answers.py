"""Corpora whose answer is known: is it the words that decide the label, or the tone, or how much of each?

Synthetic voices say short sentences around one word that is positive or negative. Every voice says every word that it was
dealt, half of the words of either polarity in either tone, so that words and tone are independent by design. A label then
follows the tone in a stated share of the clips and the word in the rest. An audit must find out which, from the labels, the
sound and the texts alone. As all of the demo this shows that software works: nobody speaks here.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.demo.manifest import write_manifest
from tonewise.demo.plan import OPPOSITE, Line, Session
from tonewise.demo.prosody import styles_of
from tonewise.demo.voices import TEST_SPEAKERS, TRAIN_SPEAKERS
from tonewise.errors import OptionError

if TYPE_CHECKING:
    import numpy as np

    from tonewise.records import Progress

#: Words that lexicons know, short of endings that tell their polarity (-less, un-): a new word must be new.
POSITIVE = (
    "adorable", "amazing", "awesome", "beautiful", "blessed", "brave", "bright", "brilliant", "calm", "charming",
    "cheerful", "clever", "comforting", "confident", "cool", "courageous", "cute", "dazzling", "decent", "delicious",
    "delightful", "devoted", "divine", "eager", "easy", "elegant", "enjoyable", "excellent", "exciting", "fabulous",
    "famous", "fantastic", "festive", "fine", "fortunate", "fresh", "friendly", "generous", "gentle", "glad",
    "glorious", "good", "gorgeous", "great", "handsome", "happy", "heroic", "honest", "ideal", "impressive",
    "innocent", "kind", "lively", "lovely", "loyal", "lucky", "magnificent", "marvelous", "merry", "neat", "nice",
    "optimistic", "outstanding", "perfect", "pleasant", "pretty", "proud", "relaxed", "romantic", "safe", "sincere",
    "smart", "splendid", "stunning", "sunny", "superb", "sweet", "terrific", "tidy", "tranquil", "vibrant", "warm",
    "wealthy", "wise", "witty", "wonderful", "worthy",
)  # fmt: skip
NEGATIVE = (
    "abusive", "afraid", "alarming", "angry", "annoying", "arrogant", "ashamed", "atrocious", "awful", "awkward",
    "bad", "bitter", "bland", "bloody", "boring", "broken", "clumsy", "cold", "corrupt", "crazy", "creepy", "cruel",
    "damaged", "dangerous", "dead", "desperate", "dirty", "disappointing", "disgusting", "dreadful", "dull", "dumb",
    "embarrassing", "fake", "fatal", "filthy", "foolish", "frightening", "furious", "gloomy", "grave", "greedy",
    "grim", "gross", "guilty", "harsh", "horrible", "hostile", "hurt", "idiotic", "ignorant", "jealous", "lame",
    "lazy", "lonely", "lousy", "mad", "mean", "miserable", "moody", "nasty", "nervous", "painful", "pathetic", "poor",
    "ridiculous", "rotten", "rude", "sad", "scary", "selfish", "sick", "sloppy", "sorry", "strange", "stupid",
    "tense", "terrible", "tired", "tragic", "ugly", "vicious", "vile", "violent", "weak", "wicked", "wrong",
)  # fmt: skip
PATTERNS = ("{word}.", "So {word}.")
VOICES = (*TRAIN_SPEAKERS, *TEST_SPEAKERS)

#: Shares of clips whose label follows the tone: from words alone to tone alone.
MIXTURES = (0.0, 0.25, 0.5, 0.75, 1.0)

MANIFEST = "known.csv"

_STREAM, _LABELS = 7, 8  # of random numbers, apart from the demo's own
_SESSION = 30  # sentences that are spoken in one run


@dataclass(frozen=True, slots=True)
class Size:
    """How much is spoken: `voices` of 38, `words` of 87 of either polarity, by how many voices each word is said."""

    voices: int = 12
    words: int = 80
    repeats: int = 6

    def __post_init__(self) -> None:
        limits = {"voices": len(VOICES), "words": min(len(POSITIVE), len(NEGATIVE)), "repeats": self.voices}
        for name, most in limits.items():
            if not 1 <= getattr(self, name) <= most:
                raise OptionError(f"{name} {getattr(self, name)} is impossible here; expected 1 to {most}")


def make_known_answers(
    folder: Path, *, seed: int = 0, size: Size | None = None, jobs: int = 2, progress: Progress | None = None
) -> Path:
    """Speak a corpus in which tone and words are independent; returns its manifest.

    The manifest has `manifest.COLUMNS` and, for each of `MIXTURES`, a column of labels (see `mixture_column`). Recordings
    are 16 kHz mono FLAC below `folder`. The same seed, size and version of espeak-ng give the same bytes.

    Raises:
        MissingExtraError: the extra `demo` is not installed.
        OptionError: the manifest cannot be written.
    """
    from tonewise.demo.espeak import require_espeak
    from tonewise.demo.recording import record

    require_espeak()
    folder.mkdir(parents=True, exist_ok=True)
    sessions = plan_known_answers(seed, size or Size())
    with ThreadPoolExecutor(max_workers=jobs) as pool:  # espeak-ng runs in processes of its own
        made = []
        for done, (rows, _) in enumerate(pool.map(lambda session: record(session, folder), sessions), start=1):
            made += rows
            if progress is not None:
                progress("known answers", done, len(sessions))
    manifest = folder / MANIFEST
    write_manifest(manifest, with_mixtures(made, seed=seed), map(mixture_column, MIXTURES))
    return manifest


def plan_known_answers(seed: int, size: Size) -> list[Session]:
    """Who says what in which style: every word by `repeats` voices, half of the times in either tone."""
    import numpy as np

    rng = np.random.default_rng([seed, _STREAM])
    voices = [VOICES[place] for place in rng.permutation(len(VOICES))[: size.voices]]
    lines: list[list[Line]] = [[] for _ in voices]
    for words, pool in (("positive", POSITIVE), ("negative", NEGATIVE)):
        for place in rng.permutation(len(pool))[: size.words]:
            for voice, line in _said(pool[place], words, size, lines, rng):
                lines[voice].append(line)
    sessions = []
    for voice, speaker in enumerate(voices):
        order = rng.permutation(len(lines[voice]))
        for part, chosen in enumerate(np.array_split(order, max(1, -(-len(order) // _SESSION)))):
            spoken = tuple(lines[voice][place] for place in chosen)
            name = f"{speaker.name}-{part + 1}"
            sessions.append(Session(name, speaker, "en", spoken, False, (seed, _STREAM, voice, part)))
    return sessions


def _said(
    word: str, words: str, size: Size, lines: Sequence[Sequence[Line]], rng: np.random.Generator
) -> list[tuple[int, Line]]:
    """One word by `repeats` voices, those first that have said least so far."""
    import numpy as np

    busy = np.array([len(each) for each in lines]) + rng.random(len(lines))
    tones = np.array([words, OPPOSITE[words]])[(np.arange(size.repeats) + int(rng.integers(2))) % 2]
    said = []
    for voice, tone in zip(np.argsort(busy)[: size.repeats], rng.permutation(tones), strict=True):
        text = PATTERNS[int(rng.integers(len(PATTERNS)))].format(word=word).capitalize()
        said.append((int(voice), Line(text, words, str(rng.choice(styles_of(str(tone)))))))
    return said


def mixture_column(share: float) -> str:
    """The column of labels that follow the tone in this share of the clips: `label_tone_075`."""
    return f"label_tone_{round(100 * share):03d}"


def with_mixtures(rows: Sequence[dict[str, Any]], *, seed: int) -> list[dict[str, Any]]:
    """The rows with a column of labels for each of `MIXTURES`; a clip that follows the tone in one does so in all above."""
    import numpy as np

    drawn = np.random.default_rng([seed, _LABELS]).permutation(len(rows)) / max(len(rows), 1)
    return [
        {**row, **{mixture_column(share): row["tone"] if at < share else row["words"] for share in MIXTURES}}
        for row, at in zip(rows, drawn, strict=True)
    ]
