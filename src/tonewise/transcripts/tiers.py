"""Tiers of annotation tools: which of them is speech, and who speaks in it.

Tools have no rule for this, only habits: an aligner writes "words" and "phones" (one pair a speaker: "Ann - words"),
people write a tier a speaker, or layers such as "utterance", "translation" and "pitch".
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tonewise.records import Cue
from tonewise.transcripts.sentences import TimedWord, sentences_of
from tonewise.transcripts.transcript import Tally

_SEPARATORS = r"[\s_\-@/:.\"']+"
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")  # SPPAS: "TokensAlign"
# Names of layers, in the order in which they are looked for: "word translation" is a translation.
_LAYERS = {
    "other": "translation translations gloss glosses note notes comment comments noise noises event events silence silences "
    "pitch tone tones tobi break breaks intonation gesture gestures gaze emotion pos morph morphemes kas kan ref",
    "phones": "phon phons phone phones phoneme phonemes phn phonetic phonetics ipa syllable syllables syll sampa mau",
    "words": "word words wrd token tokens",
    "utterances": "utterance utterances utt sentence sentences phrase phrases transcript transcripts transcription trans "
    "text tx orthography orthographic ort speech spch ipu ipus",
}
_BY_TOKEN = {token: layer for layer, tokens in _LAYERS.items() for token in tokens.split()}
_GENERIC = re.compile(r"(?:default|tier|item|unnamed|speaker)?[ _-]?\d*", re.IGNORECASE)
# What aligners and people write where nobody speaks; "spn" is a noise that a speaker makes.
_SILENCE = re.compile(
    r"sil|sp|spn|silent|silence|pau|[#_+]|<(?:eps|p:?|usb|nib|sil|s|/s|unk)>|\{(?:sl|ns|lg|br|cg|ls)\}", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Tier:
    """Timed labels of one name: `spans` are (start, end, text) in seconds, in the order of the file.

    `speaker` is who the file says it is of; `derived` tiers annotate another tier; `points` have no length.
    """

    name: str
    spans: tuple[tuple[float, float, str], ...]
    speaker: str | None = None
    derived: bool = False
    points: bool = False


def add_tiers(tally: Tally, tiers: Sequence[Tier]) -> None:
    """Put the speech of all tiers into `tally`, in the order of time.

    Tiers named as utterances are speech; else those named as words, made into sentences; else every tier that has
    the name of no other layer, and that name is the speaker's. What is passed over is counted as `ignored_tier`; sounds
    beside words are no loss and are not.
    """
    by_layer: dict[str, list[Tier]] = {}
    for tier in tiers:
        if any(text for _, _, text in tier.spans):
            by_layer.setdefault(_layer(tier), []).append(tier)
    layer = next((name for name in ("utterances", "words", "speakers") if name in by_layer), None)
    chosen = by_layer.pop(layer, []) if layer else []
    cues = [cue for tier in chosen for cue in (_sentences(tier) if layer == "words" else _cues(tier))]
    for cue in sorted(cues, key=lambda cue: (cue.start, cue.end)):
        tally.add(cue)
    if chosen:
        by_layer.pop("phones", None)
    for tier in itertools.chain.from_iterable(by_layer.values()):
        tally.leave_out("ignored_tier", f"tier {tier.name!r} is taken for no speech")


def _layer(tier: Tier) -> str:
    if tier.points:
        return "other"
    tokens = re.split(_SEPARATORS, _CAMEL.sub(" ", tier.name.strip()).lower())
    # BAS WebMAUS writes words as ORT-MAU and sounds as MAU.
    found = {"words"} if tokens == ["ort", "mau"] else {_BY_TOKEN[token] for token in tokens if token in _BY_TOKEN}
    layer = next((name for name in _LAYERS if name in found), "speakers")
    return "other" if tier.derived and layer != "utterances" else layer


def _speaker(tier: Tier) -> str | None:
    if tier.speaker:
        return tier.speaker
    parts = re.split(f"({_SEPARATORS})", tier.name.strip())
    kept = "".join("" if part.lower() in _BY_TOKEN else part for part in parts)
    kept = re.sub(f"^{_SEPARATORS}|{_SEPARATORS}$", "", kept)
    # Of "Speaker 1 - words" the speaker is "Speaker 1"; a tier that is called "Tier 1" says nothing.
    generic = kept == tier.name.strip() and (_GENERIC.fullmatch(kept) or _layer(tier) != "speakers")
    return None if generic else kept or None


def _cues(tier: Tier) -> Iterator[Cue]:
    speaker = _speaker(tier)
    for start, end, text in tier.spans:
        if not is_silence(text):
            yield Cue(start, end, " ".join(text.split()), speaker)


def _sentences(tier: Tier) -> Sequence[Cue]:
    speaker = _speaker(tier)
    words = [TimedWord(text.strip(), start, end, speaker) for start, end, text in tier.spans if not is_silence(text)]
    return sentences_of(words)


def is_silence(label: str) -> bool:
    """Whether a label says that nothing is said."""
    stripped = label.strip()
    return not stripped or _SILENCE.fullmatch(stripped) is not None
