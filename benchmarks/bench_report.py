"""What the benchmarks have in common: what was found, the machine it was found on, and where it is written.

Standard library only: what starts the measured commands stays small, since a child's peak memory begins with its parent's.
"""

from __future__ import annotations

import datetime
import os
import platform
import re
import resource
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
CORES = os.cpu_count() or 1
QUIET = 0.10  # of the processors: what others may take before a section is called busy


class BenchError(Exception):
    """A part could not be measured."""


@dataclass(frozen=True)
class Target:
    """A figure that has to be reached: at least or at most `limit`; `measured` is None where it could not be."""

    what: str
    measured: float | None
    limit: float
    at_least: bool = False
    unit: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether it is."""
        if self.measured is None:
            return None
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def row(self) -> str:
        """A row of a table."""
        answer = {True: "yes", False: "**no**", None: "not measured"}[self.reached]
        found = "–" if self.measured is None else f"{self.measured:.3g}{self.unit}"
        return f"| {self.what} | {'≥' if self.at_least else '≤'} {self.limit:g}{self.unit} | {found} | {answer} |"


@dataclass(frozen=True)
class Section:
    """What a part found: Markdown, and the targets it is about."""

    title: str
    text: str
    targets: tuple[Target, ...] = ()
    versions: dict[str, str] = field(default_factory=dict)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def targets_table(targets: Sequence[Target]) -> str:
    """Markdown."""
    head = table(["target (two cores)", "limit", "measured", "reached"], [])
    return "\n".join([head, *(each.row() for each in targets)])


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median, and from the smallest to the largest."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


class Watch:
    """The machine during a part: how long it took, and how much of it others used meanwhile."""

    def __init__(self) -> None:
        self.load = os.getloadavg()[0]
        self._began, self._busy, self._own = time.monotonic(), _busy_seconds(), _own_seconds()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._began

    def line(self) -> str:
        """One sentence about the part; children must have ended, or their work counts as others'."""
        others = _busy_seconds() - self._busy - (_own_seconds() - self._own)
        share = max(0.0, others / self.seconds / CORES)
        busy = "" if share <= QUIET else " **The machine was busy: only the columns of cores can be trusted.**"
        return (
            f"Took {self.seconds:.0f} s; load at the start {self.load:.1f}; "
            f"other processes used {share:.0%} of the processors meanwhile.{busy}"
        )


def _busy_seconds() -> float:
    """Of all processors since the machine started, time stolen by its host included."""
    user, nice, system, _, _, irq, soft, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def machine() -> str:
    """The processor, cores, memory and Python, without a name of the machine."""
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{found[1].strip() if found else platform.machine()}, {CORES} cores, {memory:.0f} GiB, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


def write(name: str, section: Section, watched: str, page: Path = PAGE) -> None:
    """Put a section into its marked place of the page, at the end where it has none yet."""
    first, last = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    text = page.read_text(encoding="utf-8")
    body = f"{first}\n{render(section, watched)}\n{last}"
    if first in text and last in text:
        before, after = text[: text.index(first)], text[text.index(last) + len(last) :]
        text = before + body + after
    else:
        text = f"{text.rstrip()}\n\n{body}\n"
    page.write_text(text, encoding="utf-8")


def render(section: Section, watched: str) -> str:
    """A section as Markdown."""
    versions = "".join(f", {name} {version}" for name, version in sorted(section.versions.items()))
    about = f"*{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {machine()}{versions}. {watched}*"
    parts = [f"## {section.title}", about, section.text]
    if section.targets:
        parts.append(targets_table(section.targets))
    return "\n\n".join(parts)
