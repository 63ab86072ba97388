"""No sentence is read twice, and what is kept gives the votes that reading gives, to the last bit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd
import pytest

from tonewise import labels, pipeline
from tonewise.labels import Abstention, Sentence, Vote, remembering
from tonewise.labels.base import vote
from tonewise.labels.kept_votes import FILE, KeptVotes, holdings, key_of, prune, verify
from tonewise.labels.remembering import Remembering, detect_languages_once

TEXTS = ["I love it.", "I hate it.", "No.", "I love it.", "", None, "C'est magnifique !", "half a pair \ud800 here"]
SENTENCES = [Sentence(text, None if text is None else "en") for text in TEXTS]


@dataclass
class Toy:
    """Votes by the text's length; counts what it reads. `company`: its numbers depend on what is read beside."""

    version: int = 1
    company: bool = False
    read: list[Sentence] = field(default_factory=list)
    name: str = "toy"
    parts: tuple[str, ...] = ("half", "none")
    source: str = "made up"
    licence: str = "none"
    languages: frozenset[str] | None = None
    reads_context: bool = True

    def votes(self, sentences: Sequence[Sentence], progress=None) -> list[Vote]:
        """Some votes."""
        self.read += sentences
        beside = len(sentences) * 1e-9 if self.company else 0.0
        if progress:
            progress("toys", len(sentences), len(sentences))
        return [self._vote(sentence, beside) for sentence in sentences]

    def identity(self) -> dict[str, object]:
        """All that matters."""
        return {"name": "toy", "version": self.version}

    def _vote(self, sentence: Sentence, beside: float) -> Vote:
        if not sentence.text:
            return Vote(None, 0.0, Abstention.NO_TEXT)
        if sentence.text == "No.":
            return Vote(None, 0.0, Abstention.NO_ANSWER)
        score = 1 / (3 + len(sentence.text) + len(sentence.before)) + beside
        return vote(score, 0.05, {"half": score / 2, "none": None})


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr(remembering, "CHUNK", 4)
    return [Sentence(f"sentence number {number}", "en") for number in range(10)]


@pytest.mark.parametrize("make", [Toy, lambda: labels.create("lexicon")], ids=["toy", "lexicon"])
def test_votes_are_the_same_new_and_kept_and_without_a_cache(tmp_path, make):
    plain = make().votes(SENTENCES)
    for turn in range(3):
        kept = KeptVotes(tmp_path / "votes" if turn else None)
        assert Remembering(make(), kept).votes(SENTENCES) == plain
        assert not kept.problems


def test_equal_sentences_are_read_once(tmp_path):
    asked = Toy()
    Remembering(asked, KeptVotes(tmp_path)).votes(SENTENCES * 2)
    assert len(asked.read) == len(set(SENTENCES))


def test_a_sentence_that_was_not_answered_is_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(remembering, "reads_alone", lambda _: True)
    Remembering(Toy(), KeptVotes(tmp_path)).votes(SENTENCES)
    again = Toy()
    Remembering(again, KeptVotes(tmp_path)).votes(SENTENCES)
    assert [sentence.text for sentence in again.read] == ["No."]


def test_all_that_makes_a_vote_is_in_its_key(tmp_path, monkeypatch):
    monkeypatch.setattr(remembering, "reads_alone", lambda _: True)
    sentence = Sentence("I love it.", "en", ("So.",), ("Yes.",))
    Remembering(Toy(), KeptVotes(tmp_path)).votes([sentence])
    others = [
        Sentence("I love it!", "en", ("So.",), ("Yes.",)),
        Sentence("I love it.", "fr", ("So.",), ("Yes.",)),
        Sentence("I love it.", "en", ("So.", "Yes."), ()),
        Sentence("I love it.", "en"),
    ]
    for other in others:
        asked = Toy()
        Remembering(asked, KeptVotes(tmp_path)).votes([other, sentence])
        assert asked.read == [other]
    asked = Toy(version=2)
    Remembering(asked, KeptVotes(tmp_path)).votes([sentence])
    monkeypatch.setattr(remembering, "_own_code", lambda: "other code")
    Remembering(asked, KeptVotes(tmp_path)).votes([sentence])
    assert asked.read == [sentence] * 2


def test_a_network_goes_on_to_the_numbers_of_a_run_that_was_not_interrupted(tmp_path, many):
    whole = Remembering(Toy(company=True), KeptVotes(None)).votes(many)

    class Killed(Toy):
        def votes(self, sentences, progress=None):
            if len(self.read) >= 4:
                raise KeyboardInterrupt
            return super().votes(sentences, progress)

    with pytest.raises(KeyboardInterrupt):
        Remembering(Killed(company=True), KeptVotes(tmp_path)).votes(many)
    rest = Toy(company=True)
    assert Remembering(rest, KeptVotes(tmp_path)).votes(many[::-1])[::-1] == whole
    assert len(rest.read) == 6, "a finished chunk is not read again"
    assert Remembering(Toy(company=True), KeptVotes(tmp_path)).votes(many[:6]) == (
        Remembering(Toy(company=True), KeptVotes(None)).votes(many[:6])
    ), "what was read beside other sentences is no vote of these"


def test_progress_counts_all_sentences(tmp_path, many):
    told = []
    Remembering(Toy(), KeptVotes(tmp_path)).votes(many, lambda *one: told.append(one))
    assert told == [("toys", 4, 10), ("toys", 8, 10), ("toys", 10, 10), ("labels", 10, 10)]


def test_a_damaged_row_is_said_and_made_again(tmp_path):
    plain = Remembering(Toy(), KeptVotes(tmp_path)).votes(SENTENCES)
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute("UPDATE votes SET value = replace(value, '0.', '0.1')")
    base.close()
    kept = KeptVotes(tmp_path)
    assert Remembering(Toy(), kept).votes(SENTENCES) == plain
    assert [problem.kind for problem in kept.problems] == ["cache_damaged"]
    assert verify(tmp_path)["damaged"] == 0


def test_a_damaged_file_is_begun_anew(tmp_path):
    plain = Remembering(Toy(), KeptVotes(tmp_path)).votes(SENTENCES)
    (tmp_path / FILE).write_bytes(b"no database at all" * 999)
    kept = KeptVotes(tmp_path)
    assert Remembering(Toy(), kept).votes(SENTENCES) == plain
    assert [problem.kind for problem in kept.problems] == ["cache_damaged"]
    kept = KeptVotes(tmp_path)
    assert Remembering(Toy(), kept).votes(SENTENCES) == plain and not kept.problems
    assert holdings(tmp_path).rows["toy"] > 0


def test_a_cache_that_cannot_be_written_loses_no_vote(tmp_path):
    (tmp_path / "file").write_text("a file where a folder was expected")
    kept = KeptVotes(tmp_path / "file" / "votes")
    assert Remembering(Toy(), kept).votes(SENTENCES) == Toy().votes(SENTENCES)
    assert [problem.kind for problem in kept.problems] == ["cache_off"]


def test_a_full_disk_loses_no_vote(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise sqlite3.OperationalError("database or disk is full")

    kept = KeptVotes(tmp_path)
    monkeypatch.setattr("tonewise.labels.kept_votes._opened", full)
    assert Remembering(Toy(), kept).votes(SENTENCES) == Toy().votes(SENTENCES)
    assert "full" in kept.problems[0].detail


def test_verify_finds_rows_and_files_that_are_damaged(tmp_path):
    assert verify(tmp_path) == {"whole": 0, "damaged": 0}
    kept = KeptVotes(tmp_path)
    kept.put_many("toy", {key_of(number): number for number in range(5)})
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute("UPDATE votes SET value = '9' WHERE key = ?", (key_of(3),))
    base.close()
    assert verify(tmp_path) == {"whole": 4, "damaged": 1}
    assert verify(tmp_path) == {"whole": 4, "damaged": 0}
    content = bytearray((tmp_path / FILE).read_bytes())
    content[:100] = bytes(100)
    (tmp_path / FILE).write_bytes(content)
    assert verify(tmp_path)["damaged"] > 0
    assert not (tmp_path / FILE).exists()


def test_rows_that_were_not_used_for_long_are_pruned(tmp_path):
    kept = KeptVotes(tmp_path)
    kept.put_many("toy", {key_of(number): number for number in range(6)})
    with sqlite3.connect(tmp_path / FILE) as base:
        base.execute("UPDATE votes SET used = 100")
    base.close()
    assert len(kept.get_many([key_of(0), key_of(1)])) == 2  # notes that they were used
    assert holdings(tmp_path).oldest == 100 * 86_400
    assert prune(tmp_path, before=200 * 86_400) == 4
    assert prune(tmp_path) == 2 and prune(tmp_path / "absent") == 0


def test_languages_are_looked_up_by_the_whole_column(tmp_path, monkeypatch):
    texts = pd.Series(["I love this place very much.", None, "C'est magnifique, merci beaucoup !"], index=[3, 1, 2])
    recordings = pd.Series(["a", "a", "b"], index=texts.index)
    plain = labels.detect_languages(texts, recordings)
    assert detect_languages_once(texts, recordings, KeptVotes(tmp_path)).equals(plain)
    monkeypatch.setattr(remembering, "detect_languages", None)
    again = detect_languages_once(texts, recordings, KeptVotes(tmp_path))
    assert again.equals(plain) and again.index.equals(plain.index)
    with pytest.raises(TypeError):
        detect_languages_once(texts, recordings[::-1], KeptVotes(tmp_path))


def test_labels_of_a_corpus_are_equal_new_kept_and_without_a_cache(corpus, tmp_path):
    tables = [
        pipeline.label(corpus, labeller="lexicon", context=2, cache=where).table
        for where in (False, tmp_path / "c", tmp_path / "c")
    ]
    assert tables[0].equals(tables[1]) and tables[1].equals(tables[2])
    assert holdings(tmp_path / "c" / "votes").rows.keys() == {"languages", "lexicon"}


def test_a_language_models_answers_are_kept_by_itself():
    asked = labels.create("llm:some", endpoint="http://localhost:1")
    assert remembering.remembering(asked, KeptVotes(None)) is asked
