"""Who speaks in the demo: espeak-ng voice variants, each with its own accent, pitch and tempo.

Robots, whispers, croaks and near-copies among the library's variants are left out. No variant both trains and
tests.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Speaker:
    """One synthetic voice: an espeak-ng `variant` and the `accent` it speaks English with.

    `pitch` is its usual height in semitones from the variant's own, `rate` its usual tempo in words a minute.
    """

    variant: str
    accent: str
    pitch: float
    rate: float

    @property
    def name(self) -> str:
        """The name in manifests, the same in every language."""
        return f"{self.accent}+{self.variant}"

    def voice(self, language: str) -> str:
        """The espeak-ng voice with which this speaker speaks a language ("en", "fr", "ru", "hy")."""
        return f"{self.accent if language == 'en' else language}+{self.variant}"


TRAIN_SPEAKERS: tuple[Speaker, ...] = (
    Speaker("f1", "en-us", 0.5, 168),
    Speaker("m1", "en-us", 1.0, 160),
    Speaker("f2", "en", -1.0, 176),
    Speaker("Alex", "en-gb-x-rp", 1.5, 172),
    Speaker("f3", "en-gb-scotland", 0.0, 164),
    Speaker("m2", "en-gb-scotland", 0.0, 158),
    Speaker("Andrea", "en-us", -1.5, 170),
    Speaker("m3", "en-gb-x-rp", -0.5, 180),
    Speaker("steph", "en-us", 1.0, 166),
    Speaker("Mike", "en-us", 2.0, 174),
    Speaker("f5", "en-gb-x-gbcwmd", -0.5, 172),
    Speaker("Gene", "en", 1.0, 162),
    Speaker("shelby", "en-us", -1.0, 178),
    Speaker("Denis", "en-us", 0.5, 166),
    Speaker("Alicia", "en-gb-x-rp", -2.0, 158),
    Speaker("Reed", "en", -0.5, 170),
    Speaker("aunty", "en", 1.0, 160),
    Speaker("klatt3", "en-us", 2.5, 168),
    Speaker("Annie", "en-us", -1.5, 174),
    Speaker("Lee", "en-us", 0.0, 164),
    Speaker("grandma", "en-gb-scotland", -1.0, 154),
    Speaker("m7", "en-gb-x-gbclan", 1.0, 172),
    Speaker("adam", "en-us", 2.0, 176),
    Speaker("Diogo", "en-gb-x-gbcwmd", -1.0, 168),
    Speaker("max", "en-us", 1.5, 170),
    Speaker("ian", "en-gb-x-rp", 2.0, 162),
    Speaker("robert", "en", 0.0, 182),
    Speaker("michel", "en-gb-scotland", 1.5, 165),
    Speaker("quincy", "en-us", 3.0, 171),
    Speaker("edward", "en-gb-x-rp", -0.5, 167),
)

TEST_SPEAKERS: tuple[Speaker, ...] = (
    Speaker("f4", "en-us", 0.0, 170),
    Speaker("m5", "en-us", 0.5, 166),
    Speaker("belinda", "en", -1.5, 164),
    Speaker("miguel", "en-gb-scotland", 0.0, 172),
    Speaker("linda", "en-us", -2.0, 174),
    Speaker("m4", "en-gb-x-rp", 1.5, 162),
    Speaker("anika", "en-us", -2.5, 168),
    Speaker("norbert", "en", 1.0, 176),
)
