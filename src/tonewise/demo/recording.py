"""From a planned session to FLAC files and the rows of a manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tonewise.demo import espeak, sound
from tonewise.demo.plan import Session
from tonewise.demo.prosody import draw_manner, phrase
from tonewise.records import SAMPLE_RATE

_PAUSE = (0.4, 1.1)  # s between sentences
_EDGE = 0.15  # s of room before and after a clip


@dataclass(frozen=True, slots=True)
class _Take:
    """Sound of one file at espeak-ng's rate, and where its sentences lie in it, in seconds."""

    sound: np.ndarray
    spans: list[tuple[float, float]]


def record(session: Session, folder: Path) -> tuple[list[dict[str, Any]], str]:
    """Speak a session, write its files under `folder`; one manifest row a line, and espeak-ng's version.

    Raises what `espeak.speak` raises.
    """
    rng = np.random.default_rng(session.seed)
    manners = [draw_manner(line.style, rng) for line in session.lines]
    phrases = [
        phrase(line.text, session.language, session.speaker, manner)
        for line, manner in zip(session.lines, manners, strict=True)
    ]
    speech = espeak.speak(phrases, seed=int(rng.integers(2**31)))
    room = sound.draw_room(rng)
    voices = [
        sound.colour_voice(spoken, manner, room, rng) for spoken, manner in zip(speech.sounds, manners, strict=True)
    ]
    groups = [[voice] for voice in voices] if session.clips else [voices]
    takes = [_assemble(group, room, session.clips, rng) for group in groups]
    return _write(session, takes, folder), speech.version


def _assemble(voices: list[np.ndarray], room: sound.Room, clip: bool, rng: np.random.Generator) -> _Take:
    """Lay sentences one after another into a room, with pauses between them."""
    gaps = [_EDGE, _EDGE] if clip else rng.uniform(*_PAUSE, len(voices) + 1)
    silences = [int(gap * espeak.SAMPLE_RATE) for gap in gaps]
    mix = sound.room_noise(sum(silences) + sum(map(len, voices)), room, rng)
    at, spans = silences[0], []
    for voice, silence in zip(voices, silences[1:], strict=True):
        mix[at : at + len(voice)] += voice
        spans.append((at / espeak.SAMPLE_RATE, (at + len(voice)) / espeak.SAMPLE_RATE))
        at += len(voice) + silence
    return _Take(mix, spans)


def _write(session: Session, takes: list[_Take], folder: Path) -> list[dict[str, Any]]:
    (folder / session.name).parent.mkdir(parents=True, exist_ok=True)
    spans = []
    for number, take in enumerate(takes, start=1):
        name = f"{session.name}-{number:02d}" if session.clips else session.name
        _write_flac(folder / f"{name}.flac", take.sound)
        spans += [(name, start, end) for start, end in take.spans]
    return [
        {
            "audio": f"{name}.flac",
            "start": f"{start:.3f}",
            "end": f"{end:.3f}",
            "text": line.text,
            "speaker": session.speaker.name,
            "recording": Path(name).name,
            "language": session.language,
            "tone": line.tone,
            "words": line.words,
            "style": line.style,
        }
        for line, (name, start, end) in zip(session.lines, spans, strict=True)
    ]


def _write_flac(path: Path, mix: np.ndarray) -> None:
    import soundfile
    import soxr

    resampled = soxr.resample(mix, espeak.SAMPLE_RATE, SAMPLE_RATE)
    soundfile.write(path, resampled, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
