"""The `segments` list that Whisper and its relatives write as JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.transcript import Tally, Transcript

# A string that the end of the head cuts off is one token too.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[{}\[\]:]', re.DOTALL)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


def top_level_keys(head: str) -> set[str]:
    """Keys of the outermost object of a JSON text that may be cut off anywhere; empty if it is no object."""
    if not head.lstrip().startswith("{"):
        return set()
    keys: set[str] = set()
    depth, previous = 0, ""
    for match in _TOKEN.finditer(head):
        token = match[0]
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        elif token == ":" and depth == 1:
            keys.add(previous.strip('"'))
        previous = token
    return keys


def read_segments(path: Path, text: str, name: str) -> Transcript:
    """Read the segments of a Whisper-like JSON text as format `name`.

    A segment without a start (or end) takes that of its first (last) word that has one; where no word has, it
    is left out as `untimed`. A segment without a speaker takes that of most of its words. Raises
    `TranscriptError` for JSON that is broken, nested too deeply, or has no list of segments.
    """
    data = _parse(path, text)
    segments = data.get("segments")
    if not isinstance(segments, list):
        raise TranscriptError(f"{path}: no list of segments with times in this JSON; times are needed")
    tally = Tally(path)
    for number, segment in enumerate(segments, start=1):
        _add(tally, segment, number)
    return Transcript(tuple(tally.cues), tally.problems(), name, _language(data))


def _parse(path: Path, text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except RecursionError as error:
        raise TranscriptError(f"{path}: this JSON is nested too deeply to be a transcript") from error
    except ValueError as error:
        raise TranscriptError(f"{path}: invalid JSON ({error}); is the file complete?") from error
    if not isinstance(data, dict):
        raise TranscriptError(f"{path}: expected a JSON object with a list of segments")
    return data


def _add(tally: Tally, segment: object, number: int) -> None:
    if not isinstance(segment, dict):
        tally.leave_out("bad_cue", f"segment {number} is no JSON object")
        return
    found = segment.get("words")
    words = [word for word in found if isinstance(word, dict)] if isinstance(found, list) else []
    start = _first_time([segment, *words], "start")
    end = _first_time([segment, *reversed(words)], "end")
    if start is None or end is None:
        tally.leave_out("untimed", f"segment {number} has no times, and none of its words has")
        return
    tally.add(Cue(start, end, _text(segment, words), _speaker(segment, words)))


def _first_time(items: list[dict[str, Any]], key: str) -> float | None:
    times = (parse_seconds(item.get(key)) for item in items)
    return next((time for time in times if time is not None), None)


def _text(segment: dict[str, Any], words: list[dict[str, Any]]) -> str:
    text = segment.get("text")
    if not isinstance(text, str):
        # Whisper and WhisperX call it "word", whisper-timestamped "text".
        text = " ".join(str(word.get("word") or word.get("text") or "") for word in words)
    return " ".join(text.split())


def _speaker(segment: dict[str, Any], words: list[dict[str, Any]]) -> str | None:
    stated = _label(segment)
    if stated is not None:
        return stated
    counts = Counter(label for label in map(_label, words) if label is not None)
    return counts.most_common(1)[0][0] if counts else None


def _label(item: dict[str, Any]) -> str | None:
    speaker = item.get("speaker")
    if isinstance(speaker, bool) or not isinstance(speaker, str | int):
        return None
    return str(speaker).strip() or None


def _language(data: dict[str, Any]) -> str | None:
    language = data.get("language")
    # OpenAI's service writes "english", which is no tag.
    if isinstance(language, str) and _LANGUAGE_TAG.fullmatch(language.strip()):
        return language.strip()
    return None
