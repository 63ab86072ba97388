"""The corpus on disk: reproducible, complete, resumable, and honest about what it is."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tonewise.demo import DemoCorpus, espeak, make_corpus, plan
from tonewise.demo.manifest import COLUMNS
from tonewise.demo.voices import TEST_SPEAKERS
from tonewise.errors import CorpusError, MissingExtraError, OptionError, TonewiseError

pytest.importorskip("espeakng_loader")

SMALL: dict[str, Any] = {"train_utterances": 60, "language_clips": 1, "seed": 7}


def rows_of(manifest: Path) -> list[dict[str, str]]:
    with manifest.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module", autouse=True)
def two_test_voices() -> Iterator[None]:
    """Quarter the work: the plan's own tests look at all eight."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "TEST_SPEAKERS", TEST_SPEAKERS[:2])
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> DemoCorpus:
    return make_corpus(tmp_path_factory.mktemp("demo") / "corpus", **SMALL)


def test_the_same_options_make_the_same_bytes(small: DemoCorpus, tmp_path: Path) -> None:
    again = make_corpus(tmp_path / "again", **SMALL, jobs=1)
    assert contents(again.folder) == contents(small.folder)


def test_another_seed_makes_other_sounds_and_progress_is_told(small: DemoCorpus, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int]] = []
    options = {**SMALL, "seed": 8}
    other = make_corpus(tmp_path / "other", **options, progress=lambda *news: heard.append(news))
    same = contents(small.folder).items() & contents(other.folder).items()
    assert {name for name, _ in same} == {"README.txt"}
    assert heard[-1] == ("demo corpus", 92, 92)
    assert [done for _, done, _ in heard] == sorted(done for _, done, _ in heard)


def test_times_lie_in_the_files_and_do_not_overlap(small: DemoCorpus) -> None:
    for manifest in (small.train_manifest, small.languages_manifest):
        spans: dict[str, list[tuple[float, float]]] = {}
        for row in rows_of(manifest):
            spans.setdefault(row["audio"], []).append((float(row["start"]), float(row["end"])))
        for audio, times in spans.items():
            assert not Path(audio).is_absolute()
            info = soundfile.info(small.folder / audio)
            assert (info.samplerate, info.channels, info.format) == (16_000, 1, "FLAC")
            assert all(0 <= start < end <= info.duration for start, end in times)
            assert all(before[1] + 0.3 < after[0] for before, after in pairwise(times))


def test_sound_lies_between_the_times_and_only_room_between_them(small: DemoCorpus) -> None:
    rows = [row for row in rows_of(small.train_manifest) if row["recording"].endswith("f1-1")]
    sound, rate = soundfile.read(small.folder / rows[0]["audio"])
    for before, after in pairwise(rows):
        speech = sound[int(float(before["start"]) * rate) : int(float(before["end"]) * rate)]
        pause = sound[int(float(before["end"]) * rate) : int(float(after["start"]) * rate)]
        assert speech.std() > 5 * pause.std()


def test_training_is_english_long_recordings_by_other_voices_than_the_test(small: DemoCorpus) -> None:
    train, test = rows_of(small.train_manifest), rows_of(small.languages_manifest)
    assert tuple(train[0]) == tuple(test[0]) == COLUMNS
    assert len(train) == 60
    assert {row["language"] for row in train} == {"en"}
    assert len({row["audio"] for row in train}) == 3
    assert not {row["speaker"] for row in train} & {row["speaker"] for row in test}
    assert not {row["text"] for row in train} & {row["text"] for row in test}


def test_four_languages_have_both_tones_from_every_voice(small: DemoCorpus) -> None:
    rows = rows_of(small.languages_manifest)
    assert len({row["audio"] for row in rows}) == len(rows) == 4 * 2 * 4
    for language in ("en", "fr", "ru", "hy"):
        spoken = [row for row in rows if row["language"] == language]
        assert len({row["speaker"] for row in spoken}) == 2
        for words in ("positive", "negative"):
            assert {row["tone"] for row in spoken if row["words"] == words} == {words}
        assert {row["tone"] for row in spoken if row["words"] == "neutral"} == {"positive", "negative"}


def test_corpus_json_states_the_share_that_the_manifest_has(small: DemoCorpus) -> None:
    about = json.loads((small.folder / "corpus.json").read_text())
    polar = [row for row in rows_of(small.train_manifest) if row["words"] != "neutral"]
    share = sum(row["tone"] == row["words"] for row in polar) / len(polar)
    assert about["realised"]["agreement"] == share
    assert share == pytest.approx(0.75, abs=0.01)
    assert about["options"]["agreement"] == 0.75
    assert about["espeak_ng"].startswith("1.")


def test_it_says_everywhere_that_it_is_synthetic(small: DemoCorpus) -> None:
    assert "SYNTHETIC" in (small.folder / "README.txt").read_text()
    assert "synthetic" in json.loads((small.folder / "corpus.json").read_text())["what"]


def test_a_complete_corpus_is_not_made_again(small: DemoCorpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)  # making it would need the extra
    assert make_corpus(small.folder, **SMALL) == small


def test_an_unfinished_corpus_is_made_again(small: DemoCorpus, tmp_path: Path) -> None:
    folder = tmp_path / "corpus"
    shutil.copytree(small.folder, folder)
    (folder / "corpus.json").write_text('{"options": ')
    (folder / "recordings" / "left-over.flac").write_bytes(b"half")
    make_corpus(folder, **SMALL)
    assert contents(folder) == contents(small.folder)


def test_other_options_and_lost_files_are_not_complete(
    small: DemoCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "corpus"
    shutil.copytree(small.folder, folder)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)  # whoever makes it again must ask for the extra
    with pytest.raises(MissingExtraError):
        make_corpus(folder, **{**SMALL, "agreement": 0.5})
    next((folder / "languages").rglob("*.flac")).unlink()
    with pytest.raises(MissingExtraError):
        make_corpus(folder, **SMALL)


def test_a_manifest_that_somebody_broke_is_made_again(
    small: DemoCorpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "corpus"
    shutil.copytree(small.folder, folder)
    (folder / "train.csv").write_bytes("file;tone\nété.flac;1\n".encode("latin-1"))
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)  # whoever makes it again must ask for the extra
    with pytest.raises(MissingExtraError):
        make_corpus(folder, **SMALL)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("mine")
    with pytest.raises(CorpusError, match="holds something else"):
        make_corpus(tmp_path, **SMALL)
    assert (tmp_path / "train.csv").read_text() == "mine"


def test_a_file_is_not_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    path.write_text("mine")
    with pytest.raises(CorpusError, match="is a file"):
        make_corpus(path, **SMALL)


@pytest.mark.parametrize(
    "option",
    [{"seed": -1}, {"agreement": 1.2}, {"train_utterances": 0}, {"language_clips": 99}, {"jobs": 0}],
)
def test_impossible_options_are_named(tmp_path: Path, option: dict[str, Any]) -> None:
    with pytest.raises(OptionError, match=next(iter(option))):
        make_corpus(tmp_path / "c", **option)
    assert not (tmp_path / "c").exists()


def test_without_the_extra_nothing_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    with pytest.raises(MissingExtraError, match=r"tonewise\[demo\]"):
        make_corpus(tmp_path / "c", **SMALL)
    assert not (tmp_path / "c").exists()


def test_an_error_on_the_way_leaves_no_corpus_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "engine.py"
    program.write_text("raise SystemExit('no sound today')")
    monkeypatch.setattr(espeak, "_PROGRAM", program)
    with pytest.raises(TonewiseError, match="no sound today"):
        make_corpus(tmp_path / "c", **SMALL)
    assert not (tmp_path / "c" / "corpus.json").exists()


def test_the_package_is_light_to_import() -> None:
    code = "import sys, tonewise.demo; print({'numpy', 'scipy', 'soundfile', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
