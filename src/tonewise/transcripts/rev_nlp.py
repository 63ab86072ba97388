"""Rev's `.nlp`: one word a line between bars, as in the Earnings-21 and Earnings-22 corpora
(https://github.com/revdotcom/speech-datasets).

The columns are `token|speaker|ts|endTs|punctuation|…`, some with `prepunctuation`; times are seconds, and empty in files
that were not aligned.
"""

from __future__ import annotations

from pathlib import Path

from tonewise.transcripts.json_text import label, span, string
from tonewise.transcripts.phrases import add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import Format, Tally, Transcript

_NEEDED = {"token", "ts", "endTs"}


def sniff(path: Path, head: str) -> bool:
    """Whether the first line names the columns."""
    return set(_columns(head)) >= _NEEDED


def read(path: Path, text: str) -> Transcript:
    """Read sentences out of the words of all speakers."""
    columns = _columns(text)
    rows = [line.split("|") for line in text.strip().split("\n")[1:] if line.strip()]
    tally = Tally(path)
    add_words(tally, [_word(dict(zip(columns, row, strict=False))) for row in rows], "en")
    return tally.transcript(FORMAT.name)


def _columns(text: str) -> list[str]:
    return [name.strip() for name in text.lstrip().split("\n", 1)[0].split("|")]


def _word(row: dict[str, str]) -> Word:
    token = f"{row.get('prepunctuation', '')}{row.get('token', '')}{row.get('punctuation', '')}"
    return Word(string(token), *span(row, "ts", "endTs"), label(row.get("speaker")))


FORMAT = Format("rev-nlp", (".nlp",), sniff, read)
