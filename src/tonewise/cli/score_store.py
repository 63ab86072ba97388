"""What `tonewise score --store` does: calls into a store, and a line on what came of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from tonewise.cli.console import nothing_done, print_json, tell_problems
from tonewise.cli.score_screen import merged
from tonewise.errors import OptionError

if TYPE_CHECKING:
    from tonewise.pipeline.archive import Archived


def tell_archived(found: Archived, *, as_json: bool) -> None:
    """What a run came to, in a line.

    Raises:
        InputError: nothing could be scored and nothing was there.
    """
    if not found.added and not found.known and found.failed:
        raise nothing_done(found.failed, "scored")
    if as_json:
        print_json(asdict(found))
    else:
        described = f" ({found.described} of these described anew)" if found.described else ""
        failed = f"; {len(found.failed)} could not be scored" if found.failed else ""
        click.echo(f"{found.store}: {found.added} calls added, {found.known} were there{described}{failed}")
    tell_problems([*merged(found.problems), *found.failed])


def check_store_options(
    store: str | None, *, transcript: object, output: object, calls_table: object, pages: object
) -> None:
    """Refuse options that do not go together.

    Raises:
        OptionError: saying which.
    """
    if store is None and (calls_table or pages):
        raise OptionError("--calls-table and --pages describe calls in a store; say which with --store FILE")
    if store is not None and (transcript or output):
        raise OptionError(
            "--store takes transcripts from beside the recordings and writes no -o; leave --transcript and -o out, and "
            "see `tonewise calls STORE --csv FILE`"
        )
