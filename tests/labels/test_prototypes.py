"""Files of prototypes: what is read, what is refused and how, and what a model keeps of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonewise.errors import LabelError
from tonewise.labels.prototypes import MINIMUM, OWN, Prototypes, read_prototypes

CALM = """# how callers sound
[calm]
I am at ease.
  Everything is fine.  \n
We have time.
[angry]
I am furious!
# a remark between sentences
How dare you!
Get out!
Leave!
"""


def written(folder, content: str | bytes):
    file = folder / "poles.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_poles_are_read_in_their_order(tmp_path):
    found = read_prototypes(written(tmp_path, CALM))
    assert found.poles == ("calm", "angry")
    assert found.positive == ("I am at ease.", "Everything is fine.", "We have time.")
    assert found.negative == ("I am furious!", "How dare you!", "Get out!", "Leave!")


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path):
    plain = read_prototypes(written(tmp_path, CALM))
    assert read_prototypes(written(tmp_path, b"\xef\xbb\xbf" + CALM.replace("\n", "\r\n").encode())) == plain


def test_a_pole_may_come_in_pieces(tmp_path):
    calm, _, angry = CALM.partition("[angry]")
    again = f"{calm}[angry]{angry}[calm]\nTake your time.\n"
    assert read_prototypes(written(tmp_path, again)).positive[-1] == "Take your time."


def test_our_own_are_balanced():
    found = read_prototypes()
    assert found.poles == ("positive", "negative")
    assert len(found.positive) == len(found.negative) > 50
    assert not set(found.positive) & set(found.negative)
    assert found == read_prototypes(OWN)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "found none"),
        ("# only remarks\n\n", "found none"),
        ("I am at ease.\n[calm]\n", "line 1: a sentence before any pole"),
        ("[calm]\na\nb\nc\n", r"found \[calm\] with 3$"),
        ("[calm]\na\nb\nc\n[angry]\nd\ne\n", r"3 sentences or more each.*\[calm\] with 3, \[angry\] with 2$"),
        (CALM + "[sad]\na\nb\nc\n", r"expected two poles.*\[sad\] with 3$"),
        (b"\x00\x01\x02\xff\xfe", "it is not UTF-8"),
        (b"PK\x03\x04\x00\x00\n\x00", "a sentence before any pole"),
        ("[calm]\nça va\n".encode("latin-1"), "it is not UTF-8"),
    ],
)
def test_ill_formed_files_are_told_in_one_line(tmp_path, content, message):
    file = written(tmp_path, content)
    with pytest.raises(LabelError, match=message) as caught:
        read_prototypes(file)
    assert str(file) in str(caught.value) and "\n" not in str(caught.value)


def test_files_that_cannot_be_opened_are_told(tmp_path):
    for path in (tmp_path / "absent.txt", tmp_path):
        with pytest.raises(LabelError, match="cannot be read as prototypes") as caught:
            read_prototypes(path)
        assert str(path) in str(caught.value) and "\n" not in str(caught.value)


sentences = st.lists(
    st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip), min_size=MINIMUM, max_size=6
).map(tuple)
prototypes = st.builds(Prototypes, positive=sentences, negative=sentences, poles=st.just(("calm", "angry")))


@settings(deadline=None)
@given(prototypes)
def test_what_a_model_keeps_is_what_was_read(made):
    again = Prototypes.from_dict(json.loads(json.dumps(made.as_dict())))
    assert again == made
    assert again.checksum == made.checksum


def test_the_checksum_is_of_the_sentences_and_their_poles():
    made = Prototypes(("a", "b", "c"), ("d", "e", "f"), ("calm", "angry"))
    others = [
        Prototypes(("a", "b", "x"), ("d", "e", "f"), ("calm", "angry")),
        Prototypes(("d", "e", "f"), ("a", "b", "c"), ("calm", "angry")),
        Prototypes(("a", "b"), ("c", "d", "e", "f"), ("calm", "angry")),
    ]
    assert len({made.checksum, *(other.checksum for other in others)}) == 4
    assert made.checksum == Prototypes(made.positive, made.negative, ("at ease", "furious")).checksum


GOOD = {"poles": ["calm", "angry"], "positive": ["a", "b", "c"], "negative": ["d", "e", "f"]}


@pytest.mark.parametrize(
    "content",
    [
        None,
        "calm",
        [],
        {},
        GOOD | {"extra": []},
        {key: value for key, value in GOOD.items() if key != "poles"},
        GOOD | {"poles": ["calm"]},
        GOOD | {"poles": ["calm", "angry", "sad"]},
        GOOD | {"poles": {"calm": 1, "angry": 2}},
        GOOD | {"positive": ["a", "b"]},
        GOOD | {"positive": "abc"},
        GOOD | {"negative": ["d", "e", 1]},
        GOOD | {"negative": ["d", "e", None]},
        GOOD | {"negative": ["d", "e", "  "]},
        GOOD | {"negative": ["d", "e", "half of a pair: \ud83d"]},
    ],
)
def test_what_no_model_kept_is_refused_in_one_line(content):
    assert Prototypes.from_dict(GOOD).poles == ("calm", "angry")
    with pytest.raises(LabelError, match="prototypes are ill-formed; expected") as caught:
        Prototypes.from_dict(content)
    assert "\n" not in str(caught.value)
