"""What every test may use: the shared real data (or a skip that says why), and sounds made here."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"
RATE = 16_000  # Hz


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings beside the checkout."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"real recordings are not here ({SHARED / 'data'} is absent)")
    return SHARED


@pytest.fixture(autouse=True)
def private_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the features of the person who runs it; weights stay where they are."""
    monkeypatch.setenv("TONEWISE_FEATURE_CACHE", str(tmp_path_factory.mktemp("features")))


@pytest.fixture(scope="session", autouse=True)
def private_votes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nor does a test read or write that person's votes; all tests of a session share theirs."""
    from tonewise.pipeline import voting

    folder = tmp_path_factory.mktemp("votes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voting, "weights", SimpleNamespace(cache_root=lambda: folder))  # where votes lie, and no weights
        yield


def tone(seconds: float, frequency: float = 220.0, *, rate: int = RATE, level: float = 0.3) -> np.ndarray:
    """A sine with a few harmonics, float32 `(n_samples,)`."""
    time = np.arange(round(seconds * rate)) / rate
    wave = sum(np.sin(2 * np.pi * frequency * k * time) / k for k in range(1, 5))
    return (level * wave / 2).astype(np.float32)


@pytest.fixture(name="tone")
def tone_fixture():
    return tone


HAPPY = ("I love this wonderful place.", "What a great and happy day!", "Thank you, that is excellent.")
UPSET = ("I hate this terrible place.", "What an awful and sad day!", "No, that is horrible and wrong.")
PLAIN = ("The train leaves at nine.", "It is on the table.")


def make_corpus(folder: Path, *, speakers: int = 8, each: int = 12, seed: int = 0) -> Path:
    """A manifest of one recording a speaker: happy words high and bright, upset words low and dull; gold in `mood`.

    One utterance in six is plain (the lexicon abstains) and still has a mood. Returns the manifest's path.
    """
    import csv

    import soundfile

    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "corpus.csv").open("w", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["audio", "start", "end", "text", "speaker", "language", "mood"])
        for speaker in range(speakers):
            pieces, now = [], 0.0
            for turn in range(each):
                happy = bool(turn % 2)
                seconds = 0.8 + random.random()
                pitch = (240 if happy else 150) * (1 + 0.15 * random.normal())
                sound = tone(seconds, pitch, level=0.3 if happy else 0.2)
                sound = sound + 0.02 * random.normal(size=len(sound)).astype(np.float32)
                texts = PLAIN if turn % 6 == 5 else HAPPY if happy else UPSET
                text = texts[int(random.integers(len(texts)))]
                end = now + len(sound) / RATE
                mood = "positive" if happy else "negative"
                rows.writerow([f"speaker{speaker}.wav", f"{now:.3f}", f"{end:.3f}", text, f"s{speaker}", "en", mood])
                pieces += [sound, np.zeros(RATE // 5, dtype=np.float32)]
                now = end + 0.2
            soundfile.write(folder / f"speaker{speaker}.wav", np.concatenate(pieces), RATE)
    return folder / "corpus.csv"


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small manifest to train on: see `make_corpus`. Nobody may change it."""
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def small_model(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that is loaded in a moment and needs no pretrained weights to hear."""
    import tonewise

    folder = tmp_path_factory.mktemp("served") / "small"
    tonewise.train([corpus], folder, labels="lexicon", features=("melstats",), cache=False, audit=False)
    return folder


@pytest.fixture
def beeps_are_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Voice activity of the live pipeline by loudness, for tests that play beeps."""
    from tonewise.pipeline import live_judging

    def loud(samples: np.ndarray) -> list[tuple[int, int]]:
        where = np.flatnonzero(np.abs(samples) > 0.02)
        return [(int(where[0]), int(where[-1]) + 1)] if len(where) else []

    monkeypatch.setattr(live_judging, "speech", loud)


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Makes a folder that nobody may list, whoever runs the tests."""

    def forbidden(folder: Path) -> None:
        scandir = os.scandir

        def refusing(path: str = "."):
            if Path(path) == folder:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return scandir(path)

        monkeypatch.setattr(os, "scandir", refusing)

    return forbidden


@pytest.fixture(name="corpus_maker")
def corpus_maker_fixture():
    return make_corpus
