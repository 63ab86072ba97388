"""espeak-ng behind a pipe: the same samples every time, and one clear line when it fails."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tonewise.demo import espeak
from tonewise.demo.espeak import SAMPLE_RATE, Phrase, speak
from tonewise.demo.sentences import LANGUAGES, language_sentences
from tonewise.demo.voices import TEST_SPEAKERS, TRAIN_SPEAKERS
from tonewise.errors import MissingExtraError, TonewiseError

espeakng_loader = pytest.importorskip("espeakng_loader")

HELLO = Phrase("en-us+f2", "Hello, how are you today?", 170, 50, 50)


def program(folder: Path, code: str) -> Path:
    path = folder / "engine.py"
    path.write_text(code, encoding="utf-8")
    return path


def test_the_same_phrases_are_the_same_samples() -> None:
    first, second = (speak([HELLO, HELLO], seed=3).sounds for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert len(first[0]) > SAMPLE_RATE  # more than a second is said


def test_the_voices_of_all_speakers_exist_and_differ() -> None:
    known = {path.name for path in (Path(espeakng_loader.get_data_path()) / "voices" / "!v").iterdir()}
    speakers = [*TRAIN_SPEAKERS, *TEST_SPEAKERS]
    assert {speaker.variant for speaker in speakers} <= known  # an unknown variant is silently the default one
    sounds = speak([Phrase(s.voice("en"), "Hello there.", 170, 50, 50) for s in speakers]).sounds
    assert len({sound.tobytes() for sound in sounds}) == len(speakers)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_spoken_and_not_spelled(language: str) -> None:
    sentences = [text for words in ("positive", "negative", "neutral") for text in language_sentences(language, words)]
    voice = TEST_SPEAKERS[0].voice(language)
    sounds = speak([Phrase(voice, text, 170, 50, 50) for text in sentences]).sounds
    for text, sound in zip(sentences, sounds, strict=True):
        # Connected speech takes 0.04 to 0.11 s a letter, the name of a letter 0.25 s or more.
        assert 0.03 < len(sound) / SAMPLE_RATE / len(text) < 0.14, text


def test_voices_in_a_deep_folder_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "espeak-ng-data").symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(deep / "espeak-ng-data"))
    assert len(speak([HELLO]).sounds) == 1


def test_without_the_extra_the_install_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[demo\]'"):
        speak([HELLO])


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(TonewiseError, match=r"no voice 'nosuch\+f2'"):
        speak([Phrase("nosuch+f2", "Hello.", 170, 50, 50)])


def test_a_library_that_cannot_be_loaded_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "libespeak-ng.so"
    broken.write_bytes(b"not a library")
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(broken))
    with pytest.raises(TonewiseError, match=r"espeak-ng failed: .*libespeak-ng\.so"):
        speak([HELLO])


def test_missing_voices_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path / "espeak-ng-data"))
    with pytest.raises(TonewiseError, match=r"espeak-ng failed: .*espeak-ng-data"):
        speak([HELLO])


def test_a_loader_without_its_data_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> str:
        raise RuntimeError("data path not exists")

    monkeypatch.setattr(espeakng_loader, "get_data_path", lost)
    with pytest.raises(TonewiseError, match="has lost its voices"):
        speak([HELLO])


def test_a_python_that_cannot_be_started_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TonewiseError, match="/nowhere/python"):
        speak([HELLO])


@pytest.mark.skipif(sys.platform == "win32", reason="a crash is a signal on POSIX only")
def test_a_crash_of_the_library_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(espeak, "_PROGRAM", program(tmp_path, crash))
    with pytest.raises(TonewiseError, match="ended by signal 11"):
        speak([HELLO])


def test_a_hang_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "_PROGRAM", program(tmp_path, "import time; time.sleep(60)"))
    monkeypatch.setattr(espeak, "_SECONDS_AT_MOST", 0.3)
    with pytest.raises(TonewiseError, match="did not answer"):
        speak([HELLO])


def test_another_sample_rate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """import sys; sys.stdout.write('{"rate": 16000, "version": "9"}' + chr(10))"""
    monkeypatch.setattr(espeak, "_PROGRAM", program(tmp_path, code))
    with pytest.raises(TonewiseError, match="16000 Hz, expected 22050"):
        speak([HELLO])
