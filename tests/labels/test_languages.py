"""The language of texts: by their words, by what is said around them, by their script."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise.labels.languages import _read, detect_languages

ENGLISH = [
    "I have been waiting here for an hour and nobody told me anything.",
    "Well, that was a lovely evening, wasn't it?",
    "You should have seen the look on his face when she said that.",
    "Ooh, nice.",
    "Pheebs!",
    "Y'know?",
    "No.",
    "Hey!",
    "OK, super!",
]
FOREIGN = {
    "fr": "Je suis vraiment très content de te voir.",
    "de": "Das ist doch eine Frechheit, ich warte seit einer Stunde!",
    "es": "Buenos días, quisiera hablar con un asesor.",
    "it": "Buongiorno, vorrei parlare con un consulente.",
    "pt": "O que você está fazendo?",
    "nl": "Goedemorgen, ik wil graag een medewerker spreken.",
    "pl": "To niedopuszczalne, czekam już od godziny!",
    "ru": "Здравствуйте, я хотел бы поговорить с оператором.",
    "hy": "Ես շատ ուրախ եմ քեզ տեսնել։",
    "ur": "یہ ناقابل قبول ہے، میں ایک گھنٹے سے انتظار کر رہا ہوں!",
    "am": "እርስዎን በማየቴ በጣም ደስ ብሎኛል።",
    "ar": "هذا غير مقبول، أنا أنتظر منذ ساعة!",
    "zh": "这太不像话了，我已经等了一个小时！",
    "ja": "ひどいですよ、もう一時間も待っています！",
    "ko": "만나서 정말 반가워요.",
}
OTHER_SCRIPTS = (
    "абвгдежз" + "արևելք" + "شكرا" + "አመሰግናለሁ" + "谢谢你好" + "ありがとう" + "감사합니다" + "ευχαριστώ" + "ᏣᎳᎩ"
)


def languages(texts: list[str | None], recordings: list[object] | None = None) -> list[str | None]:
    column = pd.Series(texts, dtype=object)
    return list(detect_languages(column, None if recordings is None else pd.Series(recordings, dtype=object)))


@pytest.mark.parametrize("language", FOREIGN)
def test_a_clear_sentence_decides_for_itself_even_among_english_ones(language):
    assert languages([FOREIGN[language]]) == [language]
    *around, found = languages([*ENGLISH * 3, FOREIGN[language]])
    assert found == language
    assert set(around) == {"en"}


def test_all_at_once_are_told_apart():
    mixed = ENGLISH * 3 + list(FOREIGN.values())
    assert languages(mixed) == ["en"] * 3 * len(ENGLISH) + list(FOREIGN)


@pytest.mark.parametrize("text", ["No.", "OK, super!", "Ooh, nice.", "Hey!"])
def test_a_short_sentence_alone_cannot_be_told(text):
    assert languages([text]) == [None]


def test_short_sentences_go_with_their_recording():
    texts = ["No.", FOREIGN["fr"], "Super !", "No.", ENGLISH[0], "Super!"]
    assert languages(texts, ["a", "a", "a", "b", "b", "b"]) == ["fr", "fr", "fr", "en", "en", "en"]


def test_a_recording_of_nothing_but_short_sentences_is_read_as_one_text():
    short = ["Oui.", "Tu plaisantes ?", "Je sais pas.", "D'accord."]
    assert [languages([text]) for text in short] == [[None]] * len(short)
    assert languages(short) == ["fr"] * len(short)
    assert languages([*ENGLISH, *short], ["a"] * len(ENGLISH) + ["b"] * len(short))[-4:] == ["fr"] * 4


def test_a_recording_that_tells_nothing_goes_with_the_column():
    assert languages([ENGLISH[0], "No.", "Hey!"], ["a", "b", "c"]) == ["en", "en", "en"]
    assert languages([FOREIGN["de"], "No."], ["a", "b"]) == ["de", "de"]


def test_what_is_around_in_equal_parts_decides_nothing():
    french, english = FOREIGN["fr"], "I am so very glad to see you all here again."
    assert len([*filter(str.isalpha, french)]) == len([*filter(str.isalpha, english)])
    assert languages([french, english, "M."]) == ["fr", "en", None]


def test_rows_without_a_recording_are_taken_together():
    texts = [FOREIGN["fr"], "No.", ENGLISH[0], "No."]
    assert languages(texts, [None, np.nan, "a", "a"]) == ["fr", "fr", "en", "en"]


def test_relatives_are_kept_apart_by_what_is_around():
    alone = "Увидимся завтра утром?"  # is taken for Ukrainian by its letters alone
    russian = ["Я очень рад тебя видеть.", "Это недопустимо, я жду уже час!", FOREIGN["ru"]] * 3
    assert set(languages([*russian, alone])) == {"ru"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Да.", "ru"),
        ("Այո։", "hy"),
        ("نعم", "ar"),
        ("አዎ", "am"),
        ("好", "zh"),
        ("はい", "ja"),
        ("네", "ko"),
        ("ᏣᎳᎩ", "und"),
    ],
)
def test_a_script_is_enough_not_to_be_english(text, language):
    assert languages([text]) == [language]
    assert languages([*ENGLISH, text])[-1] == language


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=OTHER_SCRIPTS + " .!?1", min_size=1, max_size=30))
def test_other_scripts_are_never_english(text):
    found = languages([*ENGLISH, text])[-1]
    assert found != "en"
    assert (found is None) == (not any(character.isalpha() for character in text))


def test_a_language_of_another_script_says_nothing_about_latin_letters():
    assert languages([FOREIGN["ru"]] * 5 + ["OK, super!"]) == ["ru"] * 5 + [None]
    assert languages([FOREIGN["ru"]] * 5 + ["OK, super!", ENGLISH[0]])[-2:] == ["en", "en"]


def test_brands_do_not_hide_a_script_and_fancy_letters_are_letters():
    assert languages(["У меня новый телефон iPhone", "我用iPhone"]) == ["ru", "zh"]
    assert languages(["𝓘 𝓵𝓸𝓿𝓮 𝓲𝓽 𝓼𝓸 𝓶𝓾𝓬𝓱, 𝔂𝓸𝓾 𝓴𝓷𝓸𝔀 𝓽𝓱𝓪𝓽"]) == ["en"]


@pytest.mark.parametrize("text", [None, np.nan, "", "  \n", "123 45", "😀😀", "2:17.", "— …", 7])
def test_without_letters_there_is_no_language(text):
    assert languages([ENGLISH[0], text, ENGLISH[1]]) == ["en", None, "en"]


def test_the_index_is_kept_and_an_empty_column_is_fine():
    texts = pd.Series([ENGLISH[0], FOREIGN["pl"]], index=[7, 3])
    found = detect_languages(texts, pd.Series([1, 2], index=[7, 3]))
    assert found.to_dict() == {7: "en", 3: "pl"} and found.dtype == object
    assert languages([]) == []


def test_recordings_of_another_length_are_refused():
    with pytest.raises(ValueError, match="zip"):
        languages(["a", "b"], ["x"])


def test_threads_agree():
    texts = (ENGLISH + list(FOREIGN.values())) * 5
    expected = languages(texts)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == expected for found in pool.map(languages, [texts] * 8))


def test_what_others_do_to_the_library_changes_nothing():
    from py3langid import langid

    langid.set_languages(["de", "fr"])
    try:
        assert languages([ENGLISH[0]]) == ["en"]
    finally:
        langid.set_languages(None)


def test_what_is_remembered_of_a_text_is_small():
    _read(ENGLISH[0])  # the model is loaded
    tracemalloc.start()
    try:
        kept = [_read(f"Number {number} is here.") for number in range(200)]
        held = tracemalloc.get_traced_memory()[0] / len(kept)
    finally:
        tracemalloc.stop()
    assert held < 1_500, "bytes: a million texts fit"


@pytest.mark.real
def test_english_dialogue_stays_english(shared):
    texts = pd.read_csv(shared / "data" / "dialogue_sentiment.csv")["text"]
    found = detect_languages(texts)
    assert ((found != "en") & found.notna()).mean() < 0.0005
    assert (found.isna() == ~texts.str.contains("[A-Za-z]")).all()


@pytest.mark.real
def test_what_is_really_said_in_polish_is_polish_and_its_english_text_is_not(shared):
    acted = pd.read_csv(shared / "data" / "acted.csv", dtype={"text": object})
    acted = acted[acted["language"] == "pl"].drop_duplicates("spoken_text").dropna(subset=["spoken_text", "text"])
    both = pd.concat([acted["spoken_text"], acted["text"]], ignore_index=True)
    spoken, text = np.split(detect_languages(both).to_numpy(), 2)
    assert set(spoken) == {"pl"}
    assert (text == "en").mean() > 0.9  # interjections of a column that is half Polish are anybody's
