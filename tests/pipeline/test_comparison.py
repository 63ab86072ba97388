"""Systems side by side: same utterances, same judge, both splits; what cannot run says why; nothing is done twice."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from tonewise import pipeline
from tonewise.errors import MissingExtraError, OptionError
from tonewise.pipeline import comparison, comparison_rounds
from tonewise.pipeline.kept import Kept, evaluation_of, key_of
from tonewise.pipeline.study import Study
from tonewise.pipeline.systems import SYSTEMS, System, systems
from tonewise.records import ComparisonResult

KEYS = ("mel-forest", "mel-neighbors", "melstats")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def result(corpus: Path, kept: Path) -> ComparisonResult:
    return pipeline.compare(corpus, gold="mood", systems=KEYS, cache=kept, note="beeps")


def test_every_system_is_judged_under_both_splits(result):
    assert [(row.split, row.key) for row in result.rows] == [(s, k) for s in ("random", "speaker") for k in KEYS]
    assert [row.founding for row in result.rows[:3]] == [True, True, False]
    assert not any(row.problem for row in result.rows)
    by_split = {split: {row.gold.auc.n for row in result.rows if row.split == split} for split in ("random", "speaker")}
    assert all(len(counts) == 1 for counts in by_split.values())  # the same test utterances for all
    assert result.data_note == "beeps" and result.gold_column == "mood"


def test_beeps_are_told_apart(result):
    best = {row.key: row for row in result.rows if row.split == "speaker"}["melstats"]
    assert best.gold.auc.roc_auc > 0.9 and best.evaluations["test"].auc.roc_auc > 0.9
    assert best.dimensions == 384 and best.seconds_fit > 0 and best.seconds_features > 0


def test_the_parts_of_a_split_are_told(result):
    sizes = result.splits["speaker"]
    assert sum(part["groups"] for part in sizes.values()) == 8
    assert sum(part["labelled"] for part in sizes.values()) == sum(
        result.labels.counts[kind] for kind in ("positive", "negative")
    )


def test_what_was_done_is_not_done_again(corpus, kept, result, monkeypatch):
    monkeypatch.setattr(Study, "fit", lambda *args, **kwargs: pytest.fail("fitted again"))
    again = pipeline.compare(corpus, gold="mood", systems=KEYS, cache=kept, note="beeps")
    assert [asdict(row) for row in again.rows] == [asdict(row) for row in result.rows]


def test_an_interrupted_comparison_goes_on(corpus, tmp_path, monkeypatch):
    fitted = []
    fit = Study.fit

    def interrupted(self, classifier, **options):
        if len(fitted) == 2:
            raise KeyboardInterrupt
        fitted.append(classifier)
        return fit(self, classifier, **options)

    monkeypatch.setattr(Study, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pipeline.compare(corpus, systems=KEYS, cache=tmp_path)
    first = list(fitted)
    fitted.append("interrupted")
    pipeline.compare(corpus, systems=KEYS, cache=tmp_path)
    assert first == ["forest", "neighbors"] and fitted[3:] == ["logistic", "forest", "neighbors", "logistic"]


def test_another_seed_is_another_comparison(corpus, kept, result):
    other = pipeline.compare(corpus, gold="mood", systems=("melstats",), cache=kept, seed=1)
    assert other.rows[1].gold != result.rows[5].gold


def test_what_cannot_run_says_why_and_the_others_run(corpus, monkeypatch, tmp_path):
    create = comparison_rounds.create_encoders

    def without_mel(specs, progress):
        if specs == ["mel"]:
            raise MissingExtraError("features 'mel'", "ears")
        return create(specs, progress)

    monkeypatch.setattr(comparison_rounds, "create_encoders", without_mel)
    rows = pipeline.compare(corpus, systems=("mel-forest", "melstats"), cache=tmp_path).rows
    assert "pip install 'tonewise[ears]'" in rows[0].problem and not rows[0].evaluations
    assert rows[1].evaluations and not rows[1].problem


def test_labels_of_its_own_are_learned_and_the_common_ones_judge(corpus, monkeypatch, tmp_path):
    own = System("own", "Own labels", ("melstats",), "logistic", labels="mood")
    monkeypatch.setattr(comparison, "registered", lambda keys: (systems(["melstats"])[0], own))
    common, learned = pipeline.compare(corpus, gold="mood", cache=tmp_path).rows[2:]
    assert learned.labels == "mood" and common.labels == "lexicon"
    assert learned.evaluations["test"].auc.n == common.evaluations["test"].auc.n


def test_unknown_systems_and_gold_are_refused(corpus):
    with pytest.raises(OptionError, match="unknown system 'oracle'; choose from mel-forest"):
        pipeline.compare(corpus, systems=["oracle"])
    assert systems() == SYSTEMS and len({system.key for system in SYSTEMS}) == len(SYSTEMS)


def test_evaluations_come_back_from_json_as_they_were(result, tmp_path):
    import json

    for row in result.rows:
        assert evaluation_of(json.loads(json.dumps(asdict(row.gold)))) == row.gold
    assert evaluation_of(None) is None


def test_kept_values_are_whole_or_absent(tmp_path):
    kept = Kept(tmp_path / "deep" / "folder")
    assert kept.get("a") is None
    kept.put("a", {"x": [1, None]})
    assert kept.get("a") == {"x": [1, None]}
    (tmp_path / "deep" / "folder" / "a.json").write_text("{", encoding="utf-8")
    assert kept.get("a") is None
    nothing = Kept(None)
    nothing.put("a", 1)
    assert nothing.get("a") is None


def test_keys_depend_on_every_part():
    base = (np.arange(3), np.array(["a", None], dtype=object), {"b": 1})
    others = [
        (np.arange(4), *base[1:]),
        (np.arange(3).astype(np.float32), *base[1:]),
        (base[0], np.array(["a", "b"], dtype=object), base[2]),
        (*base[:2], {"b": 2}),
    ]
    assert key_of(*base) == key_of(*base)
    assert len({key_of(*parts) for parts in (base, *others)}) == 5
