"""The messages that the page of messages quotes are the code's."""

from __future__ import annotations

import re

import pytest
from doc_blocks import ROOT
from doc_checks import fixed_words, source_text

TEXT = (ROOT / "docs" / "faq.md").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^\*\*`{1,2} ?(.+?) ?`{1,2}\*\*$", TEXT, flags=re.MULTILINE)


def test_there_are_enough():
    assert len(MESSAGES) >= 25 and len(set(MESSAGES)) == len(MESSAGES)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message[:50])
def test_a_quoted_message_is_the_codes(message):
    assert fixed_words(message)
    for words in fixed_words(message):
        assert words in source_text() or all(part in source_text() for part in words.split("; "))


def test_another_message_is_found_out():
    assert "the corpus has too few people" not in source_text()
    assert fixed_words("… port … cannot be listened on (…)") == ["cannot be listened on ("]
