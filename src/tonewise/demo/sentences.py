"""What is said in the demo: English sentences out of templates, and a list a language for the tests.

All of it was written for this project, in the style of everyday reviews and calls.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

#: BCP-47 tags of the test languages, in the order of the founding article.
LANGUAGES = ("en", "fr", "ru", "hy")


@cache
def training_sentences(words: str) -> tuple[str, ...]:
    """Every distinct English training sentence whose wording is "positive", "negative" or "neutral"."""
    groups = _data()["templates"][words]
    return tuple(dict.fromkeys(sentence for group in groups for sentence in _expand(group)))


@cache
def language_sentences(language: str, words: str) -> tuple[str, ...]:
    """The test sentences of one language ("en", "fr", "ru", "hy") and wording, none of them trained on."""
    return tuple(_data()["languages"][language][words])


@cache
def _data() -> dict[str, Any]:
    spoken: dict[str, Any] = json.loads(files(__package__).joinpath("sentences.json").read_text(encoding="utf-8"))
    return spoken


def _expand(group: dict[str, list[str]]) -> list[str]:
    slots = [slot for slot in group if slot != "patterns"]
    sentences = [
        pattern.format(**dict(zip(slots, fillers, strict=True)))
        for pattern in group["patterns"]
        for fillers in product(*(group[slot] for slot in slots))
    ]
    return [sentence[0].upper() + sentence[1:] for sentence in sentences]
