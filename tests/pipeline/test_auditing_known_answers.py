"""The audit on voices whose answer is known: a small version of benchmarks/audit_known_answers.py."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise import splits
from tonewise.demo.known_answers import Size, make_known_answers, mixture_column
from tonewise.evaluation.audit import CANNOT_TELL, HEARS_TONE, READS_WORDS
from tonewise.pipeline.auditing_folds import Material, Recipe
from tonewise.pipeline.auditing_study import audit_study
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.spoken import contents, documents

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    pytest.importorskip("espeakng_loader")
    folder = tmp_path_factory.mktemp("known")
    manifest = make_known_answers(folder, seed=0, size=Size(voices=12, words=36, repeats=8))
    rows = audible(read_corpora(manifest), jobs=2).utterances
    return rows


def heard(rows, features: str) -> np.ndarray:
    return hear(rows, create_encoders([features]), seed=0, cache=open_cache(False)).matrix


def audited(rows, matrix: np.ndarray, share: float, kept: np.ndarray | None = None):
    if kept is not None:
        rows, matrix = rows[kept].reset_index(drop=True), matrix[kept]
    groups = splits.speaker_groups(rows)[0].to_numpy()
    label = rows[mixture_column(share)].to_numpy(dtype=object)
    material = Material(
        features=matrix,
        label=label,
        confidence=np.ones(len(rows)),
        groups=groups,
        voices=groups,
        contents=contents(rows).to_numpy(),
        documents=documents(rows),
    )
    return audit_study(material, Recipe(), {"labels": label}, jobs=2)[0]


def test_words_are_found_to_be_read(spoken):
    """Whisper was made to hear words: they decide the label, and tone is random."""
    found = audited(spoken, heard(spoken, "whisper"), 0.0)
    assert found.verdict.name == READS_WORDS, found


def test_tone_is_found_to_be_heard_and_few_clips_tell_nothing(spoken):
    """Tone decides the label, and words are random."""
    matrix = heard(spoken, "melstats")
    assert audited(spoken, matrix, 1.0).verdict.name == HEARS_TONE
    few = spoken["speaker"].isin(spoken["speaker"].unique()[:4]).to_numpy()
    assert audited(spoken, matrix, 1.0, few).verdict.name == CANNOT_TELL
