"""An upload on its way to disk: parts are counted and written as they arrive, under names of our own."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from tonewise.web.folders import RECORDING, TRANSCRIPT, own_name, shown_name
from tonewise.web.schemas import Refused

# What cannot be read is told to its client; a line for each would fill the log.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())

FILES = {"recording": RECORDING, "transcript": TRANSCRIPT}
_LONGEST_FIELD = 4_000  # bytes
_MOST_TRANSCRIPT = 50_000_000  # bytes: a transcript is read as a whole
OVERHEAD = 64_000  # bytes of headers, boundaries and fields of a request beside its files


@dataclass(slots=True)
class Received:
    """What an upload brought.

    Attributes:
        fields: texts by name.
        files: names on disk by the part's name.
        name: what the recording is called.
        bytes: of the files.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    name: str = ""
    bytes: int = 0


class Upload:
    """Takes the body of a multipart request, piece by piece.

    Args:
        folder: where files go.
        content_type: the request's header.
        allowed: names of the text fields that are known.
        most: bytes that the files may have together.

    Raises:
        Refused: 415, it is no multipart request; by `feed` and `finish`: 400, 413 or 422.
    """

    def __init__(self, folder: Path, content_type: str, *, allowed: frozenset[str], most: int) -> None:
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data":
            raise Refused(415, "expected multipart/form-data with a part called recording")
        boundary = options.get(b"boundary", b"")
        if not 0 < len(boundary) <= 200:
            raise Refused(400, "the Content-Type of the request names no boundary")
        self.received = Received()
        self._folder, self._allowed, self._most = folder, allowed, most
        self._headers: dict[bytes, bytes] = {}
        self._header = b"", b""
        self._part = ""
        self._text = b""
        self._file: BinaryIO | None = None
        self._size = self._total = 0
        self._over = False
        callbacks = {
            "on_part_begin": self._begin,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_header_field": self._name_of_header,
            "on_header_value": self._value_of_header,
            "on_header_end": self._header_done,
            "on_headers_finished": self._open,
            "on_end": self._done,
        }
        self._parser = MultipartParser(boundary, callbacks)  # type: ignore[arg-type]

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        self._total += len(data)
        if self._total > self._most + OVERHEAD:
            raise too_large(self._most)
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise Refused(400, f"the upload cannot be read as multipart/form-data ({error})") from error

    def finish(self) -> Received:
        """Everything has arrived."""
        if not self._over:
            raise Refused(400, "the upload ends in the middle; send it again")
        if "recording" not in self.received.files:
            raise Refused(422, "there is no recording; send the sound as the part called recording")
        return self.received

    def close(self) -> None:
        """Let go of a file that is being written."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers, self._header = {}, (b"", b"")
        self._text, self._size = b"", 0

    def _name_of_header(self, data: bytes, start: int, end: int) -> None:
        self._header = self._header[0] + data[start:end], self._header[1]

    def _value_of_header(self, data: bytes, start: int, end: int) -> None:
        self._header = self._header[0], self._header[1] + data[start:end]

    def _header_done(self) -> None:
        name, value = self._header
        self._headers[name.lower()] = value
        self._header = b"", b""

    def _open(self) -> None:
        options = _parameters(self._headers.get(b"content-disposition", b""))
        self._part = options.get("name", "")
        if self._part in self.received.files or self._part in self.received.fields:
            raise Refused(422, f"{self._part} was sent twice; send one")
        if self._part in FILES:
            given = options.get("filename", "")
            own = own_name(FILES[self._part], given)
            self.received.files[self._part] = own
            if self._part == "recording":
                self.received.name = shown_name(given)
            self._file = (self._folder / own).open("xb")
        elif self._part not in self._allowed:
            known = ", ".join(sorted({*FILES, *self._allowed}))
            raise Refused(422, f"there is no part called {self._part[:40]!r}; known are {known}")

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._size += end - start
        if self._file is None:
            if self._size > _LONGEST_FIELD:
                raise Refused(422, f"{self._part} is longer than {_LONGEST_FIELD} bytes")
            self._text += data[start:end]
            return
        self.received.bytes += end - start
        if self.received.bytes > self._most:
            raise too_large(self._most)
        if self._part == "transcript" and self._size > _MOST_TRANSCRIPT:
            raise Refused(413, f"the transcript has more than {_MOST_TRANSCRIPT // 1_000_000} MB")
        self._file.write(data[start:end])

    def _end(self) -> None:
        if self._file is not None:
            self.close()
            return
        try:
            self.received.fields[self._part] = self._text.decode().strip()
        except UnicodeDecodeError as error:
            raise Refused(422, f"{self._part} is no UTF-8 text") from error

    def _done(self) -> None:
        self._over = True


def too_large(most: int) -> Refused:
    """The refusal of an upload of more bytes than `most`."""
    return Refused(413, f"the upload has more than {most / 1_000_000:g} MB, which is this server's limit")


def _parameters(header: bytes) -> dict[str, str]:
    """Name and file name of a part."""
    _, options = parse_options_header(header)
    return {name.decode("latin-1"): value.decode("utf-8", "replace") for name, value in options.items()}
