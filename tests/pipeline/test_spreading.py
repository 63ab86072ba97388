"""Work that is spread: the same rows, in the same order, whoever did it, and nothing done twice."""

from __future__ import annotations

import filecmp
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner
from pyarrow import parquet

from tonewise import engines, pipeline
from tonewise.cli import main
from tonewise.engines import LocalEngine
from tonewise.errors import CorpusError, OptionError
from tonewise.pipeline import spreading_hearing
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.spreading import FILES, ROWS, Shard, shards
from tonewise.pipeline.spreading_hearing import hear_spread
from tonewise.pipeline.spreading_output import Parts, Place
from tonewise.pipeline.spreading_table import feature_table

FEATURES = ("melstats",)


def manifest_of(files: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"audio": files, "recording": files})
    return table.assign(start=0.0, end=1.0, channel=None)


def test_shards_keep_recordings_whole_and_their_order():
    cut = shards(manifest_of(["b", "a", "b", None, "c"] * 2))
    assert [shard.rows["row"].tolist() for shard in cut] == [[0, 2, 5, 7], [1, 6], [4, 9]]
    assert cut[0].name == "b"
    many = shards(manifest_of([f"f{number // 2}" for number in range(2 * FILES * 40)]))
    assert {shard.rows["audio"].nunique() for shard in many} == {FILES}
    long = shards(manifest_of(["call"] * (3 * ROWS) + ["next"] * 2))
    assert [len(shard.rows) for shard in long] == [3 * ROWS, 2]
    assert shards(manifest_of([None])) == []


def test_vectors_are_those_of_hear(corpus):
    utterances = audible(read_corpora(corpus), jobs=1).utterances.sample(frac=1, random_state=1).reset_index(drop=True)
    encoders = create_encoders(("melstats", "mel"))
    expected = hear(utterances, encoders, seed=3, cache=open_cache(False))
    found = hear_spread(
        utterances, encoders, ("melstats", "mel"), engine=engines.create(), seed=3, raw=None, cache=False
    )
    assert np.array_equal(found.matrix, expected.matrix)
    assert found.blocks == expected.blocks and found.heard.all()
    assert (found.hits, found.misses) == (expected.hits, expected.misses)
    assert found.audio_seconds == pytest.approx(expected.audio_seconds)


def test_the_table_keeps_rows_order_and_columns(corpus, tmp_path):
    shuffled = pd.read_csv(corpus).sample(frac=1, random_state=2)
    shuffled["audio"] = [str(corpus.parent / name) for name in shuffled["audio"]]
    shuffled["melstats"] = "was here"
    shuffled.to_csv(tmp_path / "shuffled.csv", index=False)
    made = feature_table(tmp_path / "shuffled.csv", tmp_path / "f.parquet", features=FEATURES, cache=False)
    table = parquet.read_table(tmp_path / "f.parquet").to_pandas()
    assert table["text"].tolist() == shuffled["text"].tolist()
    assert table["mood"].tolist() == shuffled["mood"].tolist()
    assert made.heard == made.utterances == len(table) == 96
    assert made.features == {"melstats": len(table["melstats"].iloc[0])}
    assert table["problem"].isna().all()
    utterances = audible(read_corpora(tmp_path / "shuffled.csv"), jobs=1).utterances
    expected = hear(utterances, create_encoders(FEATURES), seed=0, cache=open_cache(False))
    assert np.array_equal(np.stack(table["melstats"].to_list()), expected.matrix)


def broken(corpus_maker, folder: Path) -> Path:
    """A corpus with one recording that is none, one that is missing, and three utterances with impossible times."""
    corpus = corpus_maker(folder, speakers=6, each=6)
    (folder / "speaker1.wav").write_text("no sound")
    (folder / "speaker2.wav").unlink()
    table = pd.read_csv(corpus, dtype={"start": object})
    table.loc[0, ["start", "end"]] = [900.0, 901.0]
    table.loc[1, ["start", "end"]] = [3.0, 2.0]
    table.to_csv(corpus, index=False)
    return corpus


@pytest.mark.parametrize("jobs", [1, 2])
def test_bad_files_and_times_are_told_and_stop_nothing(corpus_maker, tmp_path, jobs):
    corpus = broken(corpus_maker, tmp_path / "corpus")
    engine = LocalEngine(jobs)
    made = feature_table(corpus, tmp_path / "f.parquet", features=FEATURES, engine=engine, cache=False)
    table = parquet.read_table(tmp_path / "f.parquet").to_pandas()
    why = table["problem"]
    assert made.heard == why.isna().sum() == 36 - 6 - 6 - 2
    assert "lies outside the recording" in why[0] and "ends before it begins" in why[1]
    assert why[6:12].str.contains("speaker1.wav is").all()
    assert why[12:18].str.contains("speaker2.wav").all()
    assert table["melstats"].notna().equals(why.isna())
    counts = {(problem.kind, problem.subject): problem.count for problem in made.problems}
    assert counts == {
        ("bad_audio", "speaker1.wav"): 6,
        ("bad_audio", "speaker2.wav"): 6,
        ("outside", "speaker0"): 1,
        ("reversed", "speaker0"): 1,
    }


def test_rows_without_a_recording_are_kept(corpus, tmp_path):
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table.loc[3, "audio"] = None
    table.to_parquet(tmp_path / "some.parquet")
    made = feature_table(tmp_path / "some.parquet", tmp_path / "f.parquet", features=FEATURES, cache=False)
    found = parquet.read_table(tmp_path / "f.parquet")
    assert (made.heard, found.num_rows) == (95, 96)
    assert found["problem"].to_pylist() == [None] * 3 + ["its recording is missing; check the path"] + [None] * 92
    assert [problem.kind for problem in made.problems] == ["no_recording"]


def test_a_column_of_numbers_and_of_words_becomes_words(corpus_maker, tmp_path):
    corpora = [corpus_maker(tmp_path / name, speakers=1, each=2) for name in "ab"]
    for corpus, grades in zip(corpora, ([1, 2], ["good", None]), strict=True):
        pd.read_csv(corpus).assign(grade=grades, year=2026).to_csv(corpus, index=False)
    feature_table(corpora, tmp_path / "f.parquet", features=FEATURES, cache=False)
    table = parquet.read_table(tmp_path / "f.parquet")
    assert table["grade"].to_pylist() == ["1", "2", "good", None] and table["year"].to_pylist() == [2026] * 4


def test_a_part_that_goes_while_it_is_needed_is_told(tmp_path):
    parts = Parts(Place.of(tmp_path / "f.parquet"))
    parts.put("key", pa.table({"row": [0]}))
    assert parts.finished("key").num_rows == 1
    parts.finish()
    with pytest.raises(OptionError, match="has gone"):
        Parts(Place.of(tmp_path / "f.parquet")).finished("key")


def test_nothing_heard_is_the_users_error(corpus_maker, tmp_path):
    corpus = corpus_maker(tmp_path / "corpus", speakers=2, each=2)
    for file in (tmp_path / "corpus").glob("*.wav"):
        file.write_text("no sound")
    with pytest.raises(CorpusError, match=r"not one of 4 utterances could be heard; the first: .*speaker0\.wav"):
        feature_table(corpus, tmp_path / "f.parquet", features=FEATURES, cache=False)
    assert not (tmp_path / "f.parquet").exists() and not (tmp_path / "f.parquet.parts").exists()


def test_a_second_run_does_only_what_is_missing(corpus, tmp_path, monkeypatch):
    whole = tmp_path / "whole.parquet"
    feature_table(corpus, whole, features=FEATURES, cache=False)
    output = tmp_path / "f.parquet"
    done = []

    def until(limit):
        def call(self, item: Shard):
            if len(done) == limit:
                raise KeyboardInterrupt
            done.append(item.name)
            return original(self, item)

        return call

    original = spreading_hearing.HearTask.__call__
    monkeypatch.setattr(spreading_hearing.HearTask, "__call__", until(3))
    with pytest.raises(KeyboardInterrupt):
        feature_table(corpus, output, features=FEATURES, cache=False)
    assert not output.exists()
    damaged = sorted((tmp_path / "f.parquet.parts").glob("*.parquet"))
    assert len(damaged) == 3
    damaged[0].write_bytes(damaged[0].read_bytes()[:200])
    monkeypatch.setattr(spreading_hearing.HearTask, "__call__", until(99))
    made = feature_table(corpus, output, features=FEATURES, cache=False)
    assert (made.shards, made.resumed, len(done)) == (8, 2, 3 + 6)
    assert filecmp.cmp(whole, output, shallow=False)
    assert [path.name for path in tmp_path.iterdir() if "f.parquet" in path.name] == ["f.parquet"]


def test_a_shard_that_kills_its_worker_is_cut_up(corpus_maker, tmp_path, monkeypatch):
    monkeypatch.setattr("tonewise.pipeline.spreading.SHARDS", 1)
    corpus = corpus_maker(tmp_path / "corpus", speakers=4, each=2)
    original = spreading_hearing.HearTask.__call__

    def call(self, item: Shard):
        if "speaker2" in item.rows["recording"].to_list():
            raise MemoryError("much too loud")
        return original(self, item)

    monkeypatch.setattr(spreading_hearing.HearTask, "__call__", call)
    made = feature_table(corpus, tmp_path / "f.parquet", features=FEATURES, cache=False)
    why = parquet.read_table(tmp_path / "f.parquet")["problem"].to_pylist()
    assert made.shards == 1 and made.heard == 6
    assert why == [None] * 4 + ["MemoryError: much too loud"] * 2 + [None] * 2


@pytest.mark.parametrize("scheme", ["memory://tests/", "file://"])
def test_output_at_addresses(corpus, tmp_path, scheme):
    pytest.importorskip("fsspec")
    plain = tmp_path / "plain.parquet"
    feature_table(corpus, plain, features=FEATURES, cache=False)
    url = f"{scheme}{tmp_path}/there.parquet"
    made = feature_table(corpus, url, features=FEATURES, cache=False)
    place = Place.of(url)
    with place.system.open_input_file(place.path) as stream:
        assert stream.read() == plain.read_bytes()
    assert made.output == place.shown


def test_outputs_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    for wrong, message in (
        (tmp_path / "f.csv", "choose a name that ends in .parquet"),
        ("https://example.org/f.parquet", "nothing can be written there"),
    ):
        with pytest.raises(OptionError, match=message):
            Place.of(wrong)
    place = Place.of(tmp_path / "file" / "f.parquet")
    with pytest.raises(OptionError, match="cannot be written"):
        place.write(place.path, lambda path: Path(path).write_text(""))


def test_spread_labels_are_those_of_one_process(corpus, tmp_path):
    expected = pipeline.label(corpus, cache=False)
    for cache in (False, tmp_path / "kept"):
        found = pipeline.label(corpus, cache=cache, engine=LocalEngine(1))
        pd.testing.assert_frame_equal(found.columns, expected.columns)


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread") / "model"
    options = {"features": FEATURES, "labels": "lexicon", "audit": False, "cache": False}
    return pipeline.train(corpus, folder, **options)


def test_a_model_of_spread_features_is_the_same_byte_for_byte(corpus, model, tmp_path):
    options = {"features": FEATURES, "labels": "lexicon", "audit": False, "cache": False}
    pipeline.train(corpus, tmp_path / "model", engine=LocalEngine(1), **options)
    names = sorted(path.name for path in Path(model.model).iterdir())
    assert names == sorted(path.name for path in (tmp_path / "model").iterdir())
    assert filecmp.cmpfiles(model.model, tmp_path / "model", names, shallow=False)[0] == names


def test_spread_scores_are_those_of_one_process(corpus, model, tmp_path):
    (tmp_path / "broken.wav").write_text("no sound")
    recordings = [corpus.parent / "speaker0.wav", tmp_path / "broken.wav", corpus.parent / "speaker1.wav"]
    expected = pipeline.score_many(model.model, recordings, cache=False)
    found = pipeline.score_many(model.model, recordings, cache=False, engine=LocalEngine(1))
    assert found == expected
    assert found[0] and found[1][0].subject == "broken.wav"


def test_the_commands(corpus, model, tmp_path):
    def call(*arguments):
        done = CliRunner().invoke(main, [str(argument) for argument in arguments])
        return done.exit_code, done.stdout, done.stderr

    output = tmp_path / "f.parquet"
    status, out, err = call("features", corpus, "-o", output, "--features", "melstats", "--no-cache", "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert (told["heard"], told["engine"], told["output"]) == (96, "local", str(output))
    status, out, _ = call("features", corpus, "-o", output, "--features", "melstats", "--no-cache")
    assert status == 0 and "96 of 96 utterances heard by melstats" in out
    for arguments, message in (
        (("features", corpus, "-o", tmp_path / "f.csv"), "ends in .parquet"),
        (("features", corpus, "-o", output, "--features", "echo"), "unknown features 'echo'"),
        (("features", corpus, "-o", output, "--features", ","), "no features were named"),
        (("features", corpus, "-o", output, "--address", "127.0.0.1:1"), "--engine ray"),
    ):
        status, _, err = call(*arguments)
        assert status == 2 and message in err and err.count("\n") == 1
