import time

import pytest

from tonewise.records import Cue
from tonewise.transcripts.sentences import (
    MAX_SECONDS,
    MAX_WORDS,
    PAUSE,
    TimedWord,
    is_spaced,
    joined,
    sentence_starts,
    sentences_of,
)


def words(text: str, *, begin: float = 0.0, each: float = 0.4, gap: float = 0.1, **common: object) -> list[TimedWord]:
    times = [begin + number * (each + gap) for number in range(len(text.split()))]
    return [
        TimedWord(word, start, start + each, **common)  # type: ignore[arg-type]
        for word, start in zip(text.split(), times, strict=True)
    ]


def texts(cues: list[Cue]) -> list[str]:
    return [cue.text for cue in cues]


def test_punctuation_ends_a_sentence() -> None:
    cues = sentences_of(words("Hello Mr. Smith. How are you? It is $3.50 today!"), "en-US")
    assert texts(cues) == ["Hello Mr. Smith.", "How are you?", "It is $3.50 today!"]
    assert (cues[0].start, cues[0].end, cues[1].start) == (0.0, 1.4, 1.5)


@pytest.mark.parametrize(
    ("language", "text", "sentences"),
    [
        ("de", "Das kostet z. B. 3,5 Euro. Ja. Am 3. Mai.", ["Das kostet z. B. 3,5 Euro.", "Ja.", "Am 3. Mai."]),
        ("fr", "Bonjour M. Dupont. Ça va ? Oui.", ["Bonjour M. Dupont.", "Ça va ?", "Oui."]),
        ("ru", "Привет, г. Иванов. Как дела?", ["Привет, г. Иванов.", "Как дела?"]),
        ("hy", "Բարեւ ձեզ։ Ինչպես եք։", ["Բարեւ ձեզ։", "Ինչպես եք։"]),
        ("hi", "नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("ar", "كيف حالك؟ بخير.", ["كيف حالك؟", "بخير."]),
        ("ja", "今日は いい 天気 です。 はい。", ["今日はいい天気です。", "はい。"]),
        (None, "No idea. Really.", ["No idea.", "Really."]),
        ("en", "No. I do not. OK. No. 5 is alive.", ["No.", "I do not.", "OK.", "No. 5 is alive."]),
        ("tlh", "Qapla! Heghlu.", ["Qapla!", "Heghlu."]),
    ],
)
def test_languages(language: str | None, text: str, sentences: list[str]) -> None:
    assert texts(sentences_of(words(text), language)) == sentences


@pytest.mark.parametrize(("pause", "count"), [(PAUSE - 0.05, 1), (PAUSE + 0.05, 2)])
def test_a_pause_ends_a_sentence(pause: float, count: int) -> None:
    said = words("so i called")
    cues = sentences_of([*said, *words("and nobody answered", begin=said[-1].end + pause)])
    assert len(cues) == count


def test_a_jump_back_ends_a_sentence_but_an_overlong_word_does_not() -> None:
    cues = sentences_of([TimedWord("one", 50.0, 50.5), TimedWord("two", 3.0, 3.5)])
    assert [(cue.start, cue.text) for cue in cues] == [(50.0, "one"), (3.0, "two")]
    cues = sentences_of([TimedWord("Hm", 1.0, 9.0), TimedWord("yes", 1.5, 2.0)])
    assert cues == [Cue(1.0, 9.0, "Hm yes")]


def test_speakers_change() -> None:
    said = [*words("are you there", speaker="A"), *words("yes I am", begin=1.5, speaker="B")]
    assert [(cue.speaker, cue.text) for cue in sentences_of(said)] == [("A", "are you there"), ("B", "yes I am")]


def test_one_flickering_word_changes_no_speaker() -> None:
    said = words("I would like to pay", speaker="A")
    said[2] = TimedWord("like", said[2].start, said[2].end, "B")
    assert [(cue.speaker, cue.text) for cue in sentences_of(said)] == [("A", "I would like to pay")]
    said[0] = TimedWord("I", said[0].start, said[0].end, "B")
    assert [cue.speaker for cue in sentences_of(said)] == ["A"]


def test_one_word_that_is_a_sentence_keeps_its_speaker() -> None:
    said = [
        *words("Are you there?", speaker="A"),
        *words("Yes.", begin=1.5, speaker="B"),
        *words("Good then.", begin=2.0, speaker="A"),
    ]
    assert [(cue.speaker, cue.text) for cue in sentences_of(said)] == [
        ("A", "Are you there?"),
        ("B", "Yes."),
        ("A", "Good then."),
    ]


def test_words_without_speaker_belong_to_those_beside_them() -> None:
    said = [*words("In 1900 we"), *words("sold it", begin=1.5, speaker="A"), *words("all", begin=2.5)]
    assert [(cue.speaker, cue.text) for cue in sentences_of(said)] == [("A", "In 1900 we sold it all")]
    assert sentences_of(words("nobody knows"))[0].speaker is None


def test_only_single_words_of_many_speakers_take_the_most_frequent() -> None:
    said = [
        TimedWord(text, n / 2, n / 2 + 0.4, speaker) for n, (text, speaker) in enumerate(zip("abc", "XYX", strict=True))
    ]
    assert [(cue.speaker, cue.text) for cue in sentences_of(said)] == [("X", "a b c")]


def test_channels_are_apart_and_in_the_order_of_time() -> None:
    said = [*words("one two. three", channel=1), *words("four five", begin=0.2, channel=0)]
    assert [(cue.channel, cue.text) for cue in sentences_of(said)] == [(1, "one two."), (0, "four five"), (1, "three")]


def test_long_sentences_are_cut_at_the_longest_pause_of_their_middle() -> None:
    said = words(" ".join(["well"] * 60), gap=0.1)  # 30 s
    later = [TimedWord(word.text, word.start + 0.5, word.end + 0.5) for word in said[25:]]
    cues = sentences_of([*said[:25], *later])
    assert [len(cue.text.split()) for cue in cues] == [25, 35]
    assert all(cue.end - cue.start <= MAX_SECONDS for cue in cues)


def test_many_fast_words_are_cut_too() -> None:
    cues = sentences_of(words(" ".join(["go"] * 1000), each=0.01, gap=0.0))
    assert sum(len(cue.text.split()) for cue in cues) == 1000
    assert max(len(cue.text.split()) for cue in cues) <= MAX_WORDS
    assert min(len(cue.text.split()) for cue in cues) >= MAX_WORDS // 4


def test_one_long_word_stays() -> None:
    assert sentences_of([TimedWord("Bonjour.", 6.578, 28.747)]) == [Cue(6.578, 28.747, "Bonjour.")]


def test_spaces() -> None:
    assert joined(["Hello", "there."]) == "Hello there."
    assert joined([" Hel", "lo", " there."]) == "Hello there."
    assert joined(["今日", "は", "OK", "です"]) == "今日は OK です"
    assert joined([]) == ""
    assert [is_spaced(text) for text in ("Grüße", "今日", "สวัสดี")] == [True, False, False]


def test_sentences_across_the_words_that_are_shown_at_once() -> None:
    said = " ".join(["It is so."] * 500).split()
    assert sentence_starts(said, "en") == list(range(0, 1500, 3))
    assert sentence_starts(["so"] * 1500, "en")[0] == 0


def test_what_is_no_speech_costs_no_time() -> None:
    begun = time.process_time()
    assert sentence_starts(["«" * 5_000] * 100) == [0]
    assert time.process_time() - begun < 1.0  # shown to the splitter: a minute


def test_nothing_gives_nothing() -> None:
    assert sentences_of([]) == []
    assert sentences_of([TimedWord("  ", 0.0, 1.0)]) == []
    assert sentence_starts([]) == []
