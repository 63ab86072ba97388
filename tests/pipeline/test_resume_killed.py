"""Commands that are killed (SIGKILL, at any moment) and started again end with what an uninterrupted run ends with.

A driver imports tonewise once and forks a process for each run, so that a run costs its work and not its imports.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")]

KILLS = 3

DRIVER = """
import json, os, signal, sys, time, traceback
import numpy, onnx, onnxruntime, pandas, pyarrow.parquet, scipy.stats, skl2onnx, sklearn.linear_model, soundfile, sqlalchemy
import tonewise.pipeline
from tonewise.cli import main
from tonewise.pipeline import archive, overview, transcribing
from tonewise.transcripts.recognition import Recogniser


def slow_words(self, samples):
    "In place of Whisper: what is tested is everything around it."
    time.sleep(0.05)
    word = {"word": f" w{len(samples)}", "start": 0.5, "end": 0.9, "probability": 0.9}
    return [{"start": 0.5, "end": 1.0, "text": word["word"], "words": [word]}], "en"


Recogniser.prepare = lambda self, progress=None: None
Recogniser.identity = lambda self: {"size": self.size}
Recogniser.recognise = slow_words
voices = [(s + 1.0, s + 3.0) for s in range(0, 60, 5)]
transcribing.audio.speech_of_channels = lambda path, channels, maximum=15.0: [voices for _ in channels]
transcribing.BLOCK_SECONDS = 5.0

for line in sys.stdin:
    asked = json.loads(line)
    started = time.monotonic()
    child = os.fork()
    if not child:
        out = os.open(asked["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        try:
            main(asked["arguments"], standalone_mode=False)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(3)
    if asked["after"] is not None:
        time.sleep(asked["after"])
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    print(json.dumps([status, time.monotonic() - started]), flush=True)
"""


class Driver:
    """Runs tonewise's commands in processes of their own."""

    def __init__(self, folder: Path, also: str = "") -> None:
        self._out = folder / "out.txt"
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", also + DRIVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(self, arguments: list[Any], after: float | None = None) -> float:
        """Run to the end, or for `after` seconds; returns how long it took."""
        asked = {"arguments": list(map(str, arguments)), "after": after, "out": str(self._out)}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        status, seconds = json.loads(self._process.stdout.readline())
        assert after is not None or status == 0, self._out.read_text()
        return float(seconds)

    @property
    def said(self) -> str:
        """What the last run wrote."""
        return self._out.read_text(encoding="utf-8")

    def close(self) -> None:
        """End it."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    started = Driver(tmp_path_factory.mktemp("driver"))
    yield started
    started.close()


def killed_and_resumed(
    driver: Driver,
    tmp_path: Path,
    command: Callable[[Path], list[Any]],
    result: Callable[[Path], Mapping[str, Any]],
    latest: float = 0.95,
) -> None:
    """Run in one folder undisturbed, in another with kills; the results must be equal, and nothing be left over."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
    seconds = driver.run(command(whole))
    moments = random.Random(0)
    for _ in range(KILLS):
        driver.run(command(broken), after=seconds * moments.uniform(0.05, latest))
    for left in broken.rglob("*"):  # an hour passes
        if any(part.startswith(".") or part == "arriving" for part in left.relative_to(broken).parts):
            earlier = time.time() - 7200
            os.utime(left, (earlier, earlier))
    driver.run(command(broken))
    assert "cache_" not in driver.said, driver.said
    assert result(broken) == result(whole)
    assert names(broken) == names(whole)


def names(folder: Path) -> set[str]:
    """Every file; the memory of checksums aside, which depends on how long recordings have lain there."""
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {"c/sources.jsonl"}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file and its bytes."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_label(driver, tmp_path):
    table = tmp_path / "texts.csv"
    words = ["love", "hate", "terrible", "great", "sad", "happy", "the", "train", "not", "very", "awful", "sunny"]
    draw = random.Random(1)
    lines = [" ".join(draw.choices(words, k=9)) for _ in range(3000)]
    table.write_text("text\n" + "\n".join(lines) + "\n", encoding="utf-8")

    def command(folder: Path) -> list[Any]:
        return ["label", table, "--labels", "lexicon", "-o", folder / "labels.parquet", "--cache", folder / "c"]

    killed_and_resumed(driver, tmp_path, command, lambda folder: {"labels": (folder / "labels.parquet").read_bytes()})


def test_train(driver, tmp_path, corpus):
    def command(folder: Path) -> list[Any]:
        options = ["--features", "melstats", "--labels", "lexicon", "--no-audit", "--jobs", 1]
        return ["train", corpus, "-o", folder / "m", "--cache", folder / "c", *options]

    killed_and_resumed(driver, tmp_path, command, lambda folder: contents(folder / "m"))


def test_compare(driver, tmp_path, corpus):
    def command(folder: Path) -> list[Any]:
        options = ["--systems", "melstats,mel-neighbors,mel-forest", "--jobs", 1, "-o", folder / "rows.json"]
        return ["compare", corpus, "--cache", folder / "c", *options]

    def result(folder: Path) -> dict[str, Any]:
        return untimed(json.loads((folder / "rows.json").read_text(encoding="utf-8")))

    killed_and_resumed(driver, tmp_path, command, result)


def untimed(value: Any) -> Any:
    """A result without what depends on the clock."""
    if isinstance(value, dict):
        return {name: untimed(each) for name, each in value.items() if "second" not in name and name != "cache"}
    return [untimed(each) for each in value] if isinstance(value, list) else value


def test_score_into_a_store(driver, tmp_path, corpus):
    model, calls = tmp_path / "m", tmp_path / "calls"
    options = ["--features", "melstats", "--labels", "lexicon", "--no-audit", "--no-cache"]
    driver.run(["train", corpus, "-o", model, *options])
    calls.mkdir()
    for number, recording in enumerate(sorted(corpus.parent.glob("*.wav"))):
        copied = Path(shutil.copy(recording, calls / f"call{number}.wav"))
        text = "1\n00:00:00,000 --> 00:00:02,000\nI love this wonderful place.\n"
        copied.with_suffix(".srt").write_text(text, encoding="utf-8")
        os.utime(copied, (1_700_000_000, 1_700_000_000))

    def command(folder: Path) -> list[Any]:
        return ["score", model, calls, "--store", folder / "calls.db", "--cache", folder / "c"]

    killed_and_resumed(driver, tmp_path, command, lambda folder: rows(folder / "calls.db"))


def rows(store: Path) -> dict[str, Any]:
    """The rows of every table, whatever numbers they were given and when they were entered."""
    base = sqlite3.connect(store)
    base.row_factory = sqlite3.Row
    tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    numbers = {row["id"]: row["recording"] for row in base.execute("SELECT id, recording FROM calls")}
    found = {}
    for table in tables:
        plain = [{name: row[name] for name in row.keys()} for row in base.execute(f"SELECT * FROM {table}")]  # noqa: SIM118
        for row in plain:
            row["call_id"] = numbers.get(row.get("call_id"))
            row.pop("id", None)
        clocked = ("scored_at", "added_at", "first_seen")
        found[table] = sorted(str({n: v for n, v in row.items() if n not in clocked}) for row in plain)
    base.close()
    return found


def test_transcribe(driver, tmp_path):
    sounds = tmp_path / "sounds"
    sounds.mkdir()
    for name in ("a", "b"):
        soundfile.write(sounds / f"{name}.wav", np.zeros(60 * 8000, dtype=np.float32), 8000)

    def command(folder: Path) -> list[Any]:
        return ["transcribe", sounds, "-o", folder]

    killed_and_resumed(driver, tmp_path, command, contents)


def test_finetune(tmp_path, corpus):
    pytest.importorskip("torch", reason="the extra `torch` is not installed: no torch")
    transformers = pytest.importorskip("transformers", reason="the extra `torch` is not installed: no transformers")
    small = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    small |= {"conv_dim": (32,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
    encoder = tmp_path / "encoder"
    transformers.WavLMModel(transformers.WavLMConfig(**small)).save_pretrained(encoder)
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(encoder)

    def command(folder: Path) -> list[Any]:
        options = ["--head", "--jobs", 1, "--epochs", 6, "--batch-seconds", 10, "--learning-rate", 1e-2]
        return ["finetune", corpus, "-o", folder / "m", "--encoder", f"hub:{encoder}", "--labels", "lexicon", *options]

    driver = Driver(tmp_path, "import torch, transformers\ntorch.set_num_threads(1)\n")
    try:  # a run that is finished would not be begun again: the last kill comes well before that
        killed_and_resumed(driver, tmp_path, command, lambda folder: contents(folder / "m"), latest=0.7)
    finally:
        driver.close()


def test_features_survive_a_read_only_cache(driver, tmp_path, corpus):
    """A cache that is a file: nothing can be kept, and the model is the same."""
    options = ["--features", "melstats", "--labels", "lexicon", "--no-audit", "--jobs", 1]
    driver.run(["train", corpus, "-o", tmp_path / "m", "--cache", tmp_path / "c", *options])
    (tmp_path / "f").write_text("no folder")
    driver.run(["train", corpus, "-o", tmp_path / "n", "--cache", tmp_path / "f" / "c", *options])
    assert contents(tmp_path / "m") == contents(tmp_path / "n")
