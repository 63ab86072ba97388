"""`tonewise model`: what a model on disk is, whether it is whole, and how it gets elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, say


@click.group(short_help="Look at models, check, export, push and pull them.")
def model() -> None:
    """Models on disk: what they are, whether they are whole, and how they get elsewhere.

    A MODEL is a folder that `train` wrote, or a zip of it that `export` wrote. Nothing of a model is run as code.
    """


@model.command()
@options.model
@options.as_json
def show(model: Path, as_json: bool) -> None:
    """What MODEL is: what it hears and learned from, its figures with their intervals, the audit's verdict, versions."""
    from tonewise.cli.model_screen import show_model
    from tonewise.pipeline.describing import describe

    found = describe(model)
    if as_json:
        print_json(found)
    else:
        show_model(found, console())


@model.command()
@options.model
@options.as_json
def verify(model: Path, as_json: bool) -> None:
    """Check everything about MODEL that can be checked, and say what was; exit status 2 at the first fault."""
    from tonewise import bundle

    found = bundle.verify(model)
    if as_json:
        print_json({"model": str(model), "checks": dict(found.checks), "notes": list(found.notes)})
        return
    screen = console()
    for what, finding in found.checks:
        say(screen, f"{what:<11} {finding}")
    for note in found.notes:
        say(screen, f"note: {note}")
    say(screen, f"{model} is whole.")


@model.command()
@options.model
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The .zip to write.")
@options.as_json
def export(model: Path, output: Path, as_json: bool) -> None:
    """Write MODEL as one zip. The same model always gives the same bytes."""
    from tonewise import bundle
    from tonewise.errors import OptionError

    if output.suffix.lower() != ".zip":
        raise OptionError(f"{output} is no .zip; choose another -o")
    bundle.export(model, output)
    _tell({"model": str(model), "output": str(output), "bytes": output.stat().st_size}, str(output), as_json)


@model.command()
@options.model
@click.argument("address")
@click.option("--public", is_flag=True, help="Let everybody read a new repository; it is private otherwise.")
@options.as_json
def push(model: Path, address: str, public: bool, as_json: bool) -> None:
    """Verify MODEL and carry it to ADDRESS: hf://USER/REPO[@BRANCH], a folder, or a .zip.

    The Hugging Face hub's own library does it: log in with `hf auth login` or HF_TOKEN first.
    """
    from tonewise.pipeline.publishing import push

    found = push(model, address, public=public)
    _tell(
        {"model": found.source, "address": found.target, "commit": found.commit},
        _where(found.target, found.commit),
        as_json,
    )


@model.command()
@click.argument("address")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder to make.")
@options.as_json
def pull(address: str, output: Path, as_json: bool) -> None:
    """Fetch the model at ADDRESS (hf://USER/REPO[@REVISION], a folder, a zip), verify it, and put it into a folder."""
    from tonewise.pipeline.publishing import pull

    found = pull(address, output)
    _tell({"address": found.source, "model": found.target, "commit": found.commit}, found.target, as_json)


def _where(target: str, commit: str | None) -> str:
    return target if commit is None else f"{target} at commit {commit}"


def _tell(found: dict[str, object], line: str, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        click.echo(line)
