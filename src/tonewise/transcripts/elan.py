"""ELAN annotation files (.eaf): tiers of annotations that point into a list of time slots, in milliseconds.

The XML is read by expat with document types refused, so that no entity is ever defined, expanded or fetched; pympi, the
usual library, parses with entities and builds the whole tree (https://www.mpi.nl/tools/elan/EAF_Annotation_Format.pdf).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from tonewise.errors import TranscriptError
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.tiers import Tier, add_tiers
from tonewise.transcripts.transcript import Format, Tally, Transcript

_DEEP = 32  # annotations that refer to one another until one has times: tiers below tiers


@dataclass
class _Annotation:
    id: str
    slots: tuple[str, str] | None  # None: as long as the annotation it refers to
    refers_to: str | None
    text: list[str] = field(default_factory=list)


@dataclass
class _Tier:
    name: str
    speaker: str | None
    derived: bool
    annotations: list[_Annotation] = field(default_factory=list)


def sniff(path: Path, head: str) -> bool:
    """Whether the root element is `ANNOTATION_DOCUMENT`."""
    return re.search(r"<ANNOTATION_DOCUMENT[\s>]", head) is not None


def read(path: Path, text: str) -> Transcript:
    """Read the speech of all tiers in the order of time; a tier's speaker is its participant, else its name.

    Tiers that annotate others (translations, glosses) are passed over, unless they are named as the text. Raises
    `TranscriptError` for XML that is broken, has a document type, or states times in other units.
    """
    document = _Document(path)
    document.parse(text)
    tally = Tally(path)
    add_tiers(tally, list(document.tiers(tally)))
    return tally.transcript(FORMAT.name)


class _Document:
    """What the parser has seen so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._slots: dict[str, float | None] = {}
        self._tiers: list[_Tier] = []
        self._known: dict[str, _Annotation] = {}
        self._open: _Annotation | None = None
        self._in_value = False

    def parse(self, text: str) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.Parse(text, True)
        except (expat.ExpatError, ValueError) as error:
            raise TranscriptError(f"{self._path}: broken XML ({error}); save it again in ELAN") from error

    def tiers(self, tally: Tally) -> Iterator[Tier]:
        """Tiers with times in seconds; annotations without times are counted in `tally`."""
        for tier in self._tiers:
            spans = []
            for annotation in tier.annotations:
                times = self._times(annotation)
                text = "".join(annotation.text).strip()
                if times is not None:
                    spans.append((*times, text))
                elif text and not tier.derived:
                    tally.leave_out("untimed", f"annotation {annotation.id!r} of tier {tier.name!r} has no times")
            yield Tier(tier.name, tuple(spans), tier.speaker, tier.derived)

    def _times(self, annotation: _Annotation) -> tuple[float, float] | None:
        found: _Annotation | None = annotation
        for _ in range(_DEEP):
            if found is None or found.slots is not None:
                break
            found = self._known.get(found.refers_to or "")
        if found is None or found.slots is None:
            return None
        start, end = (self._slots.get(slot) for slot in found.slots)
        return None if start is None or end is None else (start, end)

    def _refuse(self, *_: object) -> None:
        raise TranscriptError(
            f"{self._path}: this XML has a document type, which ELAN never writes; remove <!DOCTYPE …>"
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "HEADER" and attributes.get("TIME_UNITS", "milliseconds") != "milliseconds":
            unit = attributes["TIME_UNITS"][:40]
            raise TranscriptError(f"{self._path}: times in {unit!r}; expected milliseconds, as ELAN writes today")
        if name == "TIME_SLOT":
            milliseconds = parse_seconds(attributes.get("TIME_VALUE"))
            self._slots[attributes.get("TIME_SLOT_ID", "")] = None if milliseconds is None else milliseconds / 1000
        elif name == "TIER":
            speaker = attributes.get("PARTICIPANT", "").strip() or None
            self._tiers.append(_Tier(attributes.get("TIER_ID", ""), speaker, "PARENT_REF" in attributes))
        elif name in ("ALIGNABLE_ANNOTATION", "REF_ANNOTATION") and self._tiers:
            self._open = _annotation(attributes)
            self._tiers[-1].annotations.append(self._open)
            self._known[self._open.id] = self._open
        self._in_value = name == "ANNOTATION_VALUE"

    def _end(self, name: str) -> None:
        self._in_value = False

    def _characters(self, data: str) -> None:
        if self._in_value and self._open is not None:
            self._open.text.append(data)


def _annotation(attributes: dict[str, str]) -> _Annotation:
    slots = attributes.get("TIME_SLOT_REF1"), attributes.get("TIME_SLOT_REF2")
    timed = (slots[0], slots[1]) if slots[0] is not None and slots[1] is not None else None
    return _Annotation(attributes.get("ANNOTATION_ID", ""), timed, attributes.get("ANNOTATION_REF"))


FORMAT = Format("elan", (".eaf",), sniff, read)
