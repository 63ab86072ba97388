from pathlib import Path

import pytest

from tonewise.records import Cue
from tonewise.transcripts.phrases import Phrase, add_phrase, add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import Tally
from tonewise.transcripts.words import LONGEST_GUESS, interpolate


def times(words: list[Word], start: float | None = None, end: float | None = None) -> list[tuple[float, float]]:
    return [(word.start, word.end) for word in interpolate(words, start, end)[0]]


def test_words_share_the_time_between_their_neighbours() -> None:
    found, guessed = interpolate([Word("a", 0.0, 1.0), Word("1"), Word("2"), Word("b", 2.0, 3.0)])
    assert [(word.start, word.end) for word in found] == [(0.0, 1.0), (1.0, 1.5), (1.5, 2.0), (2.0, 3.0)]
    assert guessed == 2


def test_a_guess_has_a_limit() -> None:
    assert times([Word("a", 0.0, 1.0), Word("x"), Word("b", 60.0, 61.0)])[1] == (1.0, 1.0 + LONGEST_GUESS)


def test_at_the_edges() -> None:
    assert times([Word("x"), Word("b", 2.0, 3.0), Word("y")]) == [(2.0, 2.0), (2.0, 3.0), (3.0, 3.0)]
    bounded = times([Word("x"), Word("b", 2.0, 3.0), Word("y")], 1.5, 3.25)
    assert bounded == [(1.5, 2.0), (2.0, 3.0), (3.0, 3.25)]
    assert times([Word("x"), Word("y")], 0.0, 1.0) == [(0.0, 0.5), (0.5, 1.0)]
    assert interpolate([Word("x"), Word("y")]) == ([], 2)


def test_neighbours_that_overlap_leave_no_time() -> None:
    assert times([Word("a", 0.0, 5.0), Word("x"), Word("b", 3.0, 4.0)])[1] == (5.0, 5.0)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        (Word("x", 1.1), (1.1, 1.5)),
        (Word("x", None, 1.4), (1.0, 1.4)),
        (Word("x", 0.1), (0.1, 0.1)),  # the next word is more than a pause away
        (Word("x", None, 9.0), (9.0, 9.0)),
    ],
)
def test_one_time_of_two(word: Word, expected: tuple[float, float]) -> None:
    found, guessed = interpolate([Word("a", 0.5, 1.0), word, Word("b", 1.5, 2.0)])
    assert (found[1].start, found[1].end, guessed) == (*expected, 1)


def test_punctuation_becomes_part_of_the_word_before() -> None:
    words = [
        Word("¿", glued=True),
        Word("Yes", 0.0, 0.5),
        Word(",", glued=True),
        Word(" ", glued=True),
        Word("no", 0.5, 1),
    ]
    found, guessed = interpolate(words)
    assert ([word.text for word in found], guessed) == (["Yes,", "no"], 0)


def tally(phrase: Phrase) -> Tally:
    collected = Tally(Path("call.json"))
    add_phrase(collected, phrase, "en")
    return collected


HELLO = (Word("Hello.", 0.0, 0.5), Word("How", 0.6, 0.8), Word("are", 0.8, 1.0), Word("you?", 1.0, 1.4))


def test_a_phrase_with_several_sentences_becomes_them() -> None:
    found = tally(Phrase("Hello. How are you?", 0.0, 2.0, "A", 1, HELLO))
    assert found.cues == [Cue(0.0, 0.5, "Hello.", "A", 1), Cue(0.6, 1.4, "How are you?", "A", 1)]


def test_a_phrase_without_words_or_with_one_sentence_stays_as_stated() -> None:
    assert tally(Phrase("Hello. How are you?", 0.0, 2.0)).cues == [Cue(0.0, 2.0, "Hello. How are you?")]
    assert tally(Phrase("How are you?", 0.5, 2.0, words=HELLO[1:])).cues == [Cue(0.5, 2.0, "How are you?")]


def test_text_that_is_written_otherwise_than_spoken_finds_its_times() -> None:
    spoken = ["it", "costs", "six", "twenty", "four", "that", "is", "all"]
    words = tuple(Word(word, n * 0.5, n * 0.5 + 0.4) for n, word in enumerate(spoken))
    found = tally(Phrase("It costs 624. That is all.", 0.0, 4.0, words=words))
    assert [(cue.start, cue.end, cue.text) for cue in found.cues] == [
        (0.0, 1.9, "It costs 624."),
        (2.5, 3.9, "That is all."),
    ]
    assert [(problem.kind, problem.count) for problem in found.problems()] == [("interpolated", 1)]


@pytest.mark.parametrize(
    ("text", "spoken", "sentences"),
    [
        ("„Ja.“ – Nein. (Gut.)", "ja nein gut", ["„Ja.“ – Nein.", "(Gut.)"]),
        ("今天天气很好。我们走吧。", "今天 天气 很好 我们 走吧", ["今天天气很好。", "我们走吧。"]),
        ("Don't. Ever.", "don 't ever", ["Don't.", "Ever."]),
        ("Straße. Ja.", "strasse ja", ["Straße.", "Ja."]),
    ],
)
def test_words_get_their_punctuation_from_the_text(text: str, spoken: str, sentences: list[str]) -> None:
    words = tuple(Word(word, n * 0.5, n * 0.5 + 0.4) for n, word in enumerate(spoken.split()))
    found = tally(Phrase(text, 0.0, 9.0, words=words))
    assert [cue.text for cue in found.cues] == sentences
    assert found.cues[0].start == 0.0
    assert found.problems() == ()


@pytest.mark.parametrize(
    "words",
    [
        (Word("Something", 0.0, 0.5), Word("else.", 0.5, 1.0), Word("Entirely.", 1.0, 1.5)),
        tuple(Word(word.text, word.start + 60, word.end + 60) for word in HELLO),  # type: ignore[operator]
        (Word("Hello.", 0.5, 0.1), Word("How are you?", 0.6, 0.8)),
    ],
)
def test_words_that_contradict_the_phrase_are_not_believed(words: tuple[Word, ...]) -> None:
    assert tally(Phrase("Hello. How are you?", 0.0, 2.0, words=words)).cues == [Cue(0.0, 2.0, "Hello. How are you?")]


def test_a_channel_without_times_is_left_out_and_told() -> None:
    found = tally(Phrase("All is well.", 0.0, 1.0))
    add_words(found, [Word("Hi", 0.0, 0.5, channel=0), Word("never", channel=1), Word("timed", channel=1)])
    assert [cue.text for cue in found.cues] == ["All is well.", "Hi"]
    assert [(problem.kind, problem.detail) for problem in found.problems()] == [
        ("untimed", "none of its 2 words has a time")
    ]


def test_a_lone_channel_0_says_nothing() -> None:
    found = tally(Phrase("Hi.", 0.0, 1.0, channel=0))
    assert found.transcript("x").cues[0].channel is None
    assert found.transcript("x", channels=2).cues[0].channel == 0
    add_phrase(found, Phrase("Before.", -1.0, 0.5, channel=1))
    assert [cue.channel for cue in found.transcript("x").cues] == [1, 0]
    assert tally(Phrase("Hi.", 0.0, 1.0, channel=1)).transcript("x").cues[0].channel == 1
