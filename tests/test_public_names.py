"""The public names, commands and JSON keys are those of the kept lists: nothing that scripts rely on changes unnoticed.

To change one on purpose: `UPDATE_PUBLIC=1 python -m pytest tests/test_public_names.py`, look at what changed in
tests/public, and say it in CHANGELOG.md. docs/api-policy.md says what may change when.
"""

from __future__ import annotations

import difflib
import inspect
import json
import os
import re
import shutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tonewise.cli import main

KEPT = Path(__file__).parent / "public"
MODULES = (
    "tonewise",
    "tonewise.pipeline",
    "tonewise.records",
    "tonewise.errors",
    "tonewise.features",
    "tonewise.labels",
    "tonewise.transcripts",
    "tonewise.corpus",
)

#: Commands and options that the design promised to scripts (shared/design/ARCHITECTURE.md).
PROMISED = {
    "demo": "",
    "label": "CORPUS --output",
    "train": "CORPUS --output --labels --features --classifier --split --refine --gold --seed --jobs --json",
    "evaluate": "MODEL CORPUS --gold --by --json",
    "score": "MODEL RECORDING --transcript --channel --output",
    "compare": "CORPUS",
    "audit": "MODEL CORPUS",
    "serve": "MODEL --host --port",
}


def names_of(module: ModuleType) -> list[str]:
    """What a module offers: its `__all__`, else what it defines itself."""
    own = [
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return sorted(getattr(module, "__all__", own))


def described(path: str, value: Any) -> Iterator[str]:
    """One line for a name, and one for each public member of a class."""
    if inspect.isclass(value):
        bases = [base.__name__ for base in value.__bases__ if base is not object]
        yield f"{path}{signature(value)} is {', '.join(bases) or 'a class'}"
        for name, member in sorted(vars(value).items()):
            inner = getattr(member, "__func__", member)
            if name.startswith("_"):
                continue
            if inspect.isfunction(inner):
                yield f"{path}.{name}{signature(inner)}"
            elif isinstance(member, property):
                yield f"{path}.{name} -> {inspect.get_annotations(member.fget).get('return')}"
    elif inspect.isfunction(value):
        yield f"{path}{signature(value)}"
    elif isinstance(value, str | int | float | tuple) and path != "tonewise.__version__":
        yield f"{path} = {value!r}"
    else:
        yield path


def signature(value: Any) -> str:
    """The signature as it is written; "" where there is none to call (an exception's, a protocol's)."""
    if inspect.isclass(value) and (getattr(value, "_is_protocol", False) or issubclass(value, Exception | str)):
        return ""
    try:
        written = re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(value)))
        return re.sub(r"(jobs: 'int' =) \d+", r"\1 os.cpu_count()", written)
    except (TypeError, ValueError):
        return ""


def commands(command: click.Command, path: str) -> Iterator[str]:
    """One line for each command, with its arguments and options, in alphabetical order."""
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            yield from commands(command.commands[name], f"{path} {name}")
        return
    arguments = [parameter.make_metavar(click.Context(command)) for parameter in of_kind(command, click.Argument)]
    yield " ".join([path, *arguments])
    for option in sorted(of_kind(command, click.Option), key=lambda option: option.opts[-1]):
        yield f"{path} {'/'.join((*option.opts, *option.secondary_opts))}{' ...' if option.multiple else ''}"


def of_kind(command: click.Command, kind: type) -> list[Any]:
    return [parameter for parameter in command.params if isinstance(parameter, kind)]


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Paths of the keys of a JSON value; what holds of one element of a list is told once."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield f"{path}.{key}"
            yield from keys(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner, f"{path}[]")


def check(name: str, found: list[str]) -> None:
    file = KEPT / name
    if os.environ.get("UPDATE_PUBLIC"):
        file.write_text("\n".join(found) + "\n", encoding="utf-8")
    kept = file.read_text(encoding="utf-8").splitlines()
    changes = list(difflib.unified_diff(kept, found, "kept", "found", lineterm="", n=0))
    assert not changes, "\n".join(["what is public has changed.", __doc__ or "", *changes])


def test_python_names_and_signatures():
    found: list[str] = []
    for name in MODULES:
        module = import_module(name)
        for public in names_of(module):
            found.extend(described(f"{name}.{public}", getattr(module, public)))
    check("names.txt", found)


def test_commands_and_options():
    check("commands.txt", list(commands(main, "tonewise")))


@pytest.mark.parametrize("name", PROMISED)
def test_what_the_design_promised_to_scripts_is_there(name):
    command = main.commands[name]
    there = {option for parameter in of_kind(command, click.Option) for option in parameter.opts}
    there |= {
        argument.make_metavar(click.Context(command)).strip(".[]") for argument in of_kind(command, click.Argument)
    }
    assert set(PROMISED[name].split()) <= there


def test_keys_of_json(corpus, tmp_path):
    run = CliRunner()
    model, manifest = str(tmp_path / "model"), str(corpus)
    recording = shutil.copy(corpus.parent / "speaker0.wav", tmp_path)
    (tmp_path / "speaker0.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nI love it.\n")
    chosen = ("--labels", "lexicon", "--features", "melstats", "--no-audit")
    asked = {
        "label": ["label", manifest, "--labels", "lexicon", "--gold", "mood"],
        "train": ["train", manifest, "-o", model, "--gold", "mood", *chosen],
        "evaluate": ["evaluate", model, manifest, "--gold", "mood", "--by", "language"],
        "score": ["score", model, recording],
    }
    found: list[str] = []
    for name, arguments in asked.items():
        outcome = run.invoke(main, [*arguments, "--json"])
        assert outcome.exit_code == 0, outcome.stderr
        found += sorted({f"{name}{path}" for path in keys(json.loads(outcome.stdout))})
    check("json.txt", found)
