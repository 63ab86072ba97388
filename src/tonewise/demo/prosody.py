"""How tone is made: two valences, each with an excited and a calm style, drawn around a speaker's own manner.

Directions follow what reviews of vocal affect agree on. Joy: high and widely varied pitch, faster, louder,
more energy in high frequencies. Anger: louder, faster, much energy in high frequencies, tense voice. Sadness:
low, narrow pitch, slow, quiet, little energy in high frequencies, breathy. (Juslin & Laukka 2003,
"Communication of emotions in vocal expression and music performance: different channels, same code?",
Psychological Bulletin 129; Murray & Arnott 1993, "Toward the simulation of emotion in synthetic speech", JASA
93; Banse & Scherer 1996, "Acoustic profiles in vocal emotion expression", JPSP 70; Scherer 2003, "Vocal
communication of emotion: a review of research paradigms", Speech Communication 40; on synthesis Schröder
2001, "Emotional speech synthesis: a review", Eurospeech.)

Much of that is arousal. So that neither loudness nor tempo gives valence away, each valence has a style of
either arousal, and what sets the valences apart is pitch height, pitch range, contour, and a clear against a
tense or breathy voice. The sizes and the spreads are this demo's own choice: wide enough for the classes to
overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.demo.espeak import Phrase
from tonewise.demo.voices import Speaker

if TYPE_CHECKING:
    import numpy as np

SEMITONES_PER_OCTAVE = 12
OWN = 50  # espeak-ng's value for a voice's own pitch and range; 0 and 100 are an octave away


@dataclass(frozen=True, slots=True)
class Style:
    """The mean manner of one style, relative to the speaker's own; `SPREAD` is the deviation around it.

    Attributes:
        tone: "positive" or "negative".
        pitch: semitones above the speaker's usual pitch.
        range: pitch range as espeak-ng counts it (0..100, 50 = usual).
        tempo: factor on the speaker's usual tempo.
        level: dB above the speaker's usual loudness.
        brightness: dB by which frequencies above 1 kHz are raised.
        breath: dB of breath noise below the voice.
        harshness: depth of irregular amplitude modulation, 0..1.
        lift: probability that the sentence ends on a raised or held contour and not on a fall.
    """

    tone: str
    pitch: float
    range: float
    tempo: float
    level: float
    brightness: float
    breath: float
    harshness: float
    lift: float


STYLES: dict[str, Style] = {
    "joy": Style("positive", 3.0, 78, 1.10, 2.5, 2.5, -34, 0.08, 0.7),
    "contentment": Style("positive", 1.0, 62, 0.93, -2.5, 0.0, -32, 0.05, 0.6),
    "irritation": Style("negative", 0.3, 42, 1.10, 2.5, 3.0, -36, 0.32, 0.15),
    "sadness": Style("negative", -2.0, 28, 0.87, -3.5, -3.5, -22, 0.10, 0.15),
}
#: Standard deviations around any style; `lift` has none, it is a probability.
SPREAD = Style("", 2.0, 16, 0.08, 2.0, 2.0, 4.0, 0.10, 0.0)


@dataclass(frozen=True, slots=True)
class Manner:
    """How one sentence is said: a draw from a style, in its units; `lifted` is the contour at the end."""

    style: str
    pitch: float
    range: float
    tempo: float
    level: float
    brightness: float
    breath: float
    harshness: float
    lifted: bool

    @property
    def tone(self) -> str:
        """The known truth: "positive" or "negative"."""
        return STYLES[self.style].tone


def styles_of(tone: str) -> tuple[str, ...]:
    """The styles whose tone is "positive" or "negative"."""
    return tuple(name for name, style in STYLES.items() if style.tone == tone)


def draw_manner(style: str, rng: np.random.Generator) -> Manner:
    """Draw how a sentence is said in a style."""
    mean = STYLES[style]

    def around(name: str) -> float:
        return float(rng.normal(getattr(mean, name), getattr(SPREAD, name)))

    return Manner(
        style=style,
        pitch=around("pitch"),
        range=around("range"),
        tempo=around("tempo"),
        level=around("level"),
        brightness=around("brightness"),
        breath=around("breath"),
        harshness=min(max(around("harshness"), 0.0), 0.9),
        lifted=bool(rng.random() < mean.lift),
    )


def phrase(text: str, language: str, speaker: Speaker, manner: Manner) -> Phrase:
    """What espeak-ng is asked for when a speaker says a sentence in a manner.

    The last mark chooses the contour, as espeak-ng falls at a full stop and does not, or less, at a comma or
    an exclamation mark; the sentence in the manifest keeps its own.
    """
    # A pitch of 100 is one octave above the voice's own.
    pitch = OWN + (speaker.pitch + manner.pitch) * OWN / SEMITONES_PER_OCTAVE
    ending = "." if not manner.lifted else "!" if manner.pitch > 2 else ","
    return Phrase(
        voice=speaker.voice(language),
        text=text.rstrip(".!։") + ending,
        rate=round(speaker.rate * min(max(manner.tempo, 0.6), 1.5)),
        pitch=round(min(max(pitch, 5), 95)),
        range=round(min(max(manner.range, 5), 100)),
    )
