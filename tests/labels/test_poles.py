"""Label names and their poles: known by name, or named in the user's file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonewise.errors import OptionError
from tonewise.labels.poles import FEELINGS, Poles, plain, read_poles, sides

GO_EMOTIONS = """admiration amusement anger annoyance approval caring confusion curiosity desire disappointment
disapproval disgust embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief
remorse sadness surprise neutral"""


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["NEGATIVE", "POSITIVE"], (-1, 1)),
        (["NEG", "NEU", "POS"], (-1, 0, 1)),
        (["negative", "neutral", "positive"], (-1, 0, 1)),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], (-1, -1, 0, 1, 1)),
        (["Very_Negative", "Negative", "Neutral", "Positive", "very-positive"], (-1, -1, 0, 1, 1)),
        (["anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise"], (-1, -1, -1, 1, 0, -1, 0)),
        (["hap", "neu", "ang", "sad"], (1, 0, -1, -1)),
    ],
)
def test_names_that_people_use_are_known(labels, expected):
    assert sides(labels, None, "it") == expected


def test_all_of_go_emotions_is_grouped_as_its_authors_did():
    found = sides(GO_EMOTIONS.split(), None, "it")
    assert [found.count(side) for side in (1, -1, 0)] == [12, 11, 5]


def test_names_that_say_nothing_are_not_guessed():
    with pytest.raises(OptionError, match=r"'LABEL_0', 'LABEL_1' of hub:x .* --poles") as caught:
        sides(["LABEL_0", "LABEL_1"], None, "hub:x")
    assert "\n" not in str(caught.value)
    with pytest.raises(OptionError, match="'sarcasm' of it"):
        sides(["positive", "negative", "sarcasm"], None, "it")


def test_one_pole_alone_is_refused():
    with pytest.raises(OptionError, match="expected a positive and a negative one"):
        sides(["joy", "neutral"], None, "it")


def test_the_users_names_win_and_the_rest_is_neutral():
    poles = Poles(positive=("label 1",), negative=("LABEL-0",))
    assert sides(["LABEL_0", "LABEL_1", "LABEL_2"], poles, "it") == (-1, 1, 0)
    assert sides(["positive", "negative"], Poles(("negative",), ("positive",)), "it") == (-1, 1)


def test_a_name_that_the_model_lacks_is_an_error_and_no_silence():
    with pytest.raises(OptionError, match=r"it has no labels 'postive', .* it has 'positive', 'negative'"):
        sides(["positive", "negative"], Poles(("postive",), ("negative",)), "it")


def test_feelings_asked_of_entailment_models_are_balanced():
    assert len(FEELINGS.positive) == len(FEELINGS.negative)
    assert sum(sides(FEELINGS.names, FEELINGS, "it")) == 0


def test_a_poles_file_is_read(tmp_path):
    file = tmp_path / "poles.json"
    file.write_text('\ufeff{"positive": ["joy", "LABEL_2"], "negative": ["anger"]}', encoding="utf-8")
    assert read_poles(file) == Poles(("joy", "LABEL_2"), ("anger",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "holds something else"),
        ('{"positive": ["a"]}', "holds something else"),
        ('{"positive": ["a"], "negative": []}', "holds something else"),
        ('{"positive": ["a"], "negative": "b"}', "holds something else"),
        ('{"positive": ["a"], "negative": [1]}', "holds something else"),
        ('{"positive": ["a"], "negative": ["b"], "angry": ["c"]}', "holds something else"),
        ('{"positive": ["a_b"], "negative": ["A b"]}', "names a label twice"),
    ],
)
def test_ill_formed_poles_files_are_told_in_one_line(tmp_path, content, message):
    file = tmp_path / "poles.json"
    file.write_text(content)
    with pytest.raises(OptionError, match=message) as caught:
        read_poles(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_unreadable_poles_files_are_told(tmp_path):
    with pytest.raises(OptionError, match="cannot be read"):
        read_poles(tmp_path / "absent.json")
    (tmp_path / "latin.json").write_bytes(b'{"positive": ["\xe9"], "negative": ["b"]}')
    with pytest.raises(OptionError, match="is not JSON"):
        read_poles(tmp_path / "latin.json")


@given(st.text())
def test_plain_names_stay_plain(name):
    assert plain(plain(name)) == plain(name)


@given(st.lists(st.text(min_size=1).filter(plain), min_size=2, max_size=6, unique_by=plain))
def test_any_file_of_distinct_names_is_understood(tmp_path_factory, names):
    file = tmp_path_factory.mktemp("poles") / "poles.json"
    file.write_text(json.dumps({"positive": names[:1], "negative": names[1:]}), encoding="utf-8")
    assert sides(names, read_poles(file), "it") == (1, *[-1] * (len(names) - 1))
