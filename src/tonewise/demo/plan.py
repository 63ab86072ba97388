"""Who says what in which style, before anything is spoken: the demo's ground truth, drawn from one seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tonewise.demo.prosody import STYLES, styles_of
from tonewise.demo.sentences import LANGUAGES, language_sentences, training_sentences
from tonewise.demo.voices import TEST_SPEAKERS, TRAIN_SPEAKERS, Speaker

SENTENCES_A_RECORDING = 20
NEUTRAL_SHARE = 0.15  # of training sentences: wording that a lexicon abstains from
NEUTRAL_TEXTS = 4  # sentences a voice and language that are said once in either tone

OPPOSITE = {"positive": "negative", "negative": "positive"}
_TRAINING, _TEST = 0, 1  # streams of random numbers


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence to be said: `words` is the polarity of its wording, `style` how it is said."""

    text: str
    words: str
    style: str

    @property
    def tone(self) -> str:
        """The tone it is said in: "positive" or "negative"."""
        return STYLES[self.style].tone


@dataclass(frozen=True, slots=True)
class Session:
    """What one speaker says in one go, in one language.

    `name` is a path without its suffix, relative to the corpus. `clips` asks for one file a sentence instead
    of one long recording; `seed` is what all chance in its sound comes from.
    """

    name: str
    speaker: Speaker
    language: str
    lines: tuple[Line, ...]
    clips: bool
    seed: tuple[int, ...]


def plan_training(seed: int, agreement: float, utterances: int) -> list[Session]:
    """Plan long English recordings; tone agrees with words in exactly the stated share of polar sentences."""
    rng = np.random.default_rng([seed, _TRAINING])
    neutral = round(NEUTRAL_SHARE * utterances)
    positive = (utterances - neutral) // 2
    negative = utterances - neutral - positive
    agreeing = round(agreement * (positive + negative))
    from_positive = round(agreement * positive)
    lines = [
        *_polar_lines("positive", positive, from_positive, rng),
        *_polar_lines("negative", negative, min(agreeing - from_positive, negative), rng),
        *_neutral_lines(neutral, rng),
    ]
    shuffled = [lines[i] for i in rng.permutation(len(lines))]
    parts = np.array_split(np.arange(utterances), -(-utterances // SENTENCES_A_RECORDING))
    return [
        _recording(index, tuple(shuffled[i] for i in part), (seed, _TRAINING, index))
        for index, part in enumerate(parts)
    ]


def plan_languages(seed: int, clips: int) -> list[Session]:
    """Plan the test: every test voice says `clips` positive and negative sentences in each language.

    There tone agrees with words, as in the founding article; neutral sentences, said once in either tone,
    show what is left when words cannot help.
    """
    sessions: list[Session] = []
    for language in LANGUAGES:
        for speaker in TEST_SPEAKERS:
            stream = (seed, _TEST, len(sessions))
            name = f"languages/{language}/{language}-{speaker.variant}"
            lines = _language_lines(language, clips, np.random.default_rng(stream))
            # A branch of the stream's own, so that sounds do not repeat the plan's random numbers.
            sessions.append(Session(name, speaker, language, lines, True, (*stream, 1)))
    return sessions


def _recording(index: int, lines: tuple[Line, ...], seed: tuple[int, ...]) -> Session:
    take, who = divmod(index, len(TRAIN_SPEAKERS))
    speaker = TRAIN_SPEAKERS[who]
    return Session(f"recordings/{speaker.name}-{take + 1}", speaker, "en", lines, False, seed)


def _polar_lines(words: str, count: int, agreeing: int, rng: np.random.Generator) -> list[Line]:
    texts = _deal(training_sentences(words), count, rng)
    tones = [words] * agreeing + [OPPOSITE[words]] * (count - agreeing)
    return [Line(text, words, _style(tone, rng)) for text, tone in zip(texts, tones, strict=True)]


def _neutral_lines(count: int, rng: np.random.Generator) -> list[Line]:
    texts = _deal(training_sentences("neutral"), count, rng)
    return [Line(text, "neutral", str(rng.choice(list(STYLES)))) for text in texts]


def _language_lines(language: str, clips: int, rng: np.random.Generator) -> tuple[Line, ...]:
    lines = []
    for tone in ("positive", "negative"):
        texts = _deal(language_sentences(language, tone), clips, rng)
        lines += [Line(text, tone, _style(tone, rng)) for text in texts]
    for text in _deal(language_sentences(language, "neutral"), min(NEUTRAL_TEXTS, clips), rng):
        lines += [Line(text, "neutral", _style(tone, rng)) for tone in ("positive", "negative")]
    return tuple(lines)


def _style(tone: str, rng: np.random.Generator) -> str:
    return str(rng.choice(styles_of(tone)))


def _deal(sentences: tuple[str, ...], count: int, rng: np.random.Generator) -> list[str]:
    """Draw `count` sentences, none a second time before all have had their turn."""
    rounds = -(-count // len(sentences))
    order = [i for _ in range(rounds) for i in rng.permutation(len(sentences))]
    return [sentences[i] for i in order[:count]]
