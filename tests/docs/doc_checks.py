"""What can be said of a block without running it: options exist, files are there, names are tonewise's."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import shlex
import subprocess
import tomllib
from functools import cache
from importlib import import_module

import click
import yaml
from doc_blocks import ROOT, Block, commands

from tonewise.cli import main

#: Programs that pages may name and that need no check of their own.
PROGRAMS = frozenset(
    {"cat", "cd", "cp", "curl", "docker", "export", "git", "head", "hf", "ls", "mkdir", "ray", "rm", "unzip", "uv"}
)
PARSED = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}


def check_output(block: Block) -> None:
    """An output that has a grammar keeps it."""
    if reader := PARSED.get(block.language):
        reader(block.text)


def check(block: Block) -> None:
    """Everything but running it."""
    if block.language == "python":
        check_python(block.text, block.place)
    else:
        subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
        for command in commands(block):
            check_command(command)


def check_command(command: str) -> None:
    """Each program of a line of shell is known, and what is given to ours is accepted."""
    if "<<" in command or re.match(r"\w+=\$\(", command):
        return  # text that is written to a file, or an answer that is kept: only bash's own grammar is known
    for words in _programs(command):
        program, *given = words
        if program == "tonewise":
            check_tonewise(given)
        elif program in ("python", "python3") and given[0].endswith(".py"):
            check_script(given)
        elif program == "pip":
            check_pip(given)
        elif program == "make":
            assert all(target in make_targets() for target in given if "=" not in target), command
        else:
            assert program in PROGRAMS or program.startswith("python"), f"unknown program in: {command}"


def _programs(command: str) -> list[list[str]]:
    words = shlex.split(command, posix=True)
    found: list[list[str]] = [[]]
    for word in words:
        if word in ("|", "&&", "||", ";", "&"):
            found.append([])
        else:
            found[-1].append(word)
    return [_without_settings(each) for each in found if _without_settings(each)]


def _without_settings(words: list[str]) -> list[str]:
    while words and re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    return words


def check_tonewise(given: list[str]) -> None:
    """click takes these arguments; nothing is run, and files need not be there."""
    command: click.Command = main
    given = [word for word in given if word not in (">", "2>")]
    while isinstance(command, click.Group) and given and not given[0].startswith("-"):
        assert given[0] in command.commands, f"tonewise has no command '{given[0]}'"
        command, given = command.commands[given[0]], given[1:]
    with contextlib.suppress(click.exceptions.Exit):  # --help, --version
        command.make_context("tonewise", list(given))


def check_inline(text: str) -> None:
    """Commands and options that a sentence names exist; its other words are anybody's."""
    words = re.split(r"[\s|]+", text)[1:]
    if text.startswith("python"):
        check_script(words)
        return
    command: click.Command = main
    while isinstance(command, click.Group) and words and re.fullmatch(r"[a-z]+", words[0]):
        assert words[0] in command.commands, f"`{text}`: no such command"
        command, words = command.commands[words[0]], words[1:]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help", "-h"}
    asked = {word.split("=")[0].rstrip("].,;") for word in words if word.startswith("-")}
    assert asked <= known, f"`{text}`: unknown {sorted(asked - known)}"


def check_script(given: list[str]) -> None:
    """A script of the repository is there and knows its options."""
    path = ROOT / given[0]
    assert path.is_file(), f"{given[0]} is not there"
    text = path.read_text(encoding="utf-8")
    for word in given[1:]:
        if word.startswith("--"):
            assert f'"{word.split("=")[0]}' in text, f"{given[0]} has no option {word}"


def check_pip(given: list[str]) -> None:
    """The extras that are installed exist."""
    for word in given[1:]:
        for extra in re.findall(r"tonewise\[([\w,]+)\]", word):
            assert set(extra.split(",")) <= extras(), f"no extra {extra}"


@cache
def extras() -> frozenset[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return frozenset(project["optional-dependencies"])


@cache
def make_targets() -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def check_python(text: str, place: str) -> None:
    """It compiles, and what it takes from tonewise is there."""
    tree = ast.parse(text, place)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tonewise":
            module = import_module(str(node.module))
            for alias in node.names:
                assert hasattr(module, alias.name), f"{place}: {node.module} has no {alias.name}"
        elif isinstance(node, ast.Attribute):
            _check_attribute(node, place)


def _check_attribute(node: ast.Attribute, place: str) -> None:
    names = [node.attr]
    inner = node.value
    while isinstance(inner, ast.Attribute):
        names.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name) and inner.id == "tonewise":
        found: object = import_module("tonewise")
        for name in reversed(names):
            if not hasattr(found, name):
                import_module(f"{found.__name__}.{name}")  # type: ignore[attr-defined]
            found = getattr(found, name)


def fixed_words(message: str) -> list[str]:
    """The parts of a quoted message between its gaps (`…`)."""
    return [part.strip(" .,:;'") for part in re.split(r"…", message) if len(part.strip()) >= 8]


@cache
def source_text() -> str:
    """Every text of the package's code, joined as Python joins it, with fields of f-strings as `…`."""
    found = []
    for module in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.append("".join(v.value if isinstance(v, ast.Constant) else "…" for v in node.values))
    return "\n".join(found)
