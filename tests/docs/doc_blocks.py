"""The code blocks of the documentation: where they are, in which language, and what is said about running them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

RUN = frozenset({"sh", "python"})
OUTPUT = frozenset({"text", "json", "yaml", "toml", "csv", "html", "nginx"})
REMARKS = frozenset({"long", "elsewhere"})  # a block that is not run here, and why

_FENCE = re.compile(r"^( *)(`{3,})([\w-]*)\s*$")
_REMARK = re.compile(r"<!-- ([a-z]+): (.+?) -->")
_COMMAND = re.compile(r"^ {4,}(tonewise|python|pip|make|docker|curl|git|uv) ")


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` counts from 1, `remark` and `why` are of the comment above it."""

    page: Path
    line: int
    language: str
    text: str
    remark: str | None = None
    why: str = ""

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def runs(self) -> bool:
        return self.language in RUN and self.remark is None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    found, above = [], ""
    lines = enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
    for number, line in lines:
        opening = _FENCE.match(line)
        if opening is None:
            above = line if line.strip() else above
            continue
        indent, fence, language = opening.groups()
        inside = []
        for _, text in lines:
            if text.strip() == fence:
                break
            inside.append(text.removeprefix(indent))
        else:
            raise AssertionError(f"{page}:{number}: the block does not end")
        remark = _REMARK.fullmatch(above.strip())
        said = remark.groups() if remark and remark[1] in REMARKS else (None, "")
        found.append(Block(page, number, language, "\n".join(inside) + "\n", *said))
        above = ""
    return found


def needs(page: Path) -> list[str]:
    """What has to lie in the folder before the page's blocks are run: `<!-- needs: demo, model -->`."""
    remarks = _REMARK.findall(page.read_text(encoding="utf-8"))
    return [name.strip() for key, value in remarks if key == "needs" for name in value.split(",")]


def remarks(page: Path) -> set[str]:
    """The kinds of remarks of a page."""
    return {key for key, _ in _REMARK.findall(page.read_text(encoding="utf-8"))}


def unfenced(page: Path) -> list[str]:
    """Commands that stand in an indented block, where no test would find them."""
    text = re.sub(r"^( *)(`{3,}).*?^\1\2 *$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [line for line in text.splitlines() if _COMMAND.match(line)]


def inline_commands(page: Path) -> list[str]:
    """What stands between backquotes and begins as a command of tonewise, or of a script of the repository."""
    text = " ".join(page.read_text(encoding="utf-8").split())
    return re.findall(r"(?<!`)`((?:tonewise|python (?:benchmarks|tests|release)/)[^`]+)`", text)


def commands(block: Block) -> list[str]:
    """The commands of a block of `sh`: comments dropped, continued lines and here-documents whole."""
    found: list[str] = []
    until: str | None = None
    for line in block.text.splitlines():
        if until is not None:
            found[-1] += "\n" + line
            until = None if line == until else until
        elif found and found[-1].endswith("\\"):
            found[-1] = found[-1][:-1] + _without_comment(line)
        elif bare := _without_comment(line):
            found.append(bare)
            here = re.search(r"<<\s*'?(\w+)'?", bare)
            until = here[1] if here else None
    return found


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s)#\s.*$", "", line).strip()
