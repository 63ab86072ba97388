"""What NIST's line formats (CTM, STM, RTTM) have in common: fields, comments, channels, several recordings a file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tonewise.errors import TranscriptError

_LETTERS = {"a": 0, "b": 1}
_SNIFFED = 20  # lines


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their number from 1, but blank ones and comments (`;;`)."""
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith(";;"):
            yield number, stripped


def mostly(head: str, pattern: re.Pattern[str]) -> bool:
    """Whether the first line matches, which the header of a table never does, and most of those after it."""
    lines = [line for _, line in itertools.islice(numbered_lines(head), _SNIFFED)]
    matching = [pattern.fullmatch(line) is not None for line in lines]
    return matching[:1] == [True] and 2 * sum(matching) > len(matching)


def channel_numbers(names: Iterable[str]) -> dict[str, int | None]:
    """Channels counted from 0 of the names that a file has: A and B, and numbers from 1, or from 0 if there is a 0.

    A file with one channel only says nothing about channels: tools write 0, 1 or A for mono. None then.
    """
    unique = dict.fromkeys(names)
    if len(unique) < 2:
        return dict.fromkeys(unique)
    numbers = {name: int(name) for name in unique if name.isdecimal() and len(name) < 4}
    first = 0 if 0 in numbers.values() else 1
    return {name: numbers[name] - first if name in numbers else _LETTERS.get(name.lower()) for name in unique}


def own_recording(path: Path, names: Iterable[str], what: str) -> str | None:
    """Which of the recordings in a file it is that the file lies beside: the only one, or the one of its name.

    None where there is none at all. Raises `TranscriptError` where there are several and none has the file's name.
    """
    unique = list(dict.fromkeys(names))
    if len(unique) < 2:
        return unique[0] if unique else None
    for name in unique:
        if name.lower() == path.stem.lower():
            return name
    examples = ", ".join(unique[:3])
    raise TranscriptError(
        f"{path}: {what} of {len(unique)} recordings ({examples}{', …' if len(unique) > 3 else ''}), none of them called "
        f"{path.stem!r}; give each recording a file of its name"
    )
