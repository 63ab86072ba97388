"""`tonewise calls`: all calls of a store at a glance."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, say, table
from tonewise.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tonewise.records.calls import GroupFigure
    from tonewise.report.overview import Overview


@click.command(short_help="All scored calls at a glance.")
@click.argument("store", metavar="STORE")
@click.option("--by", metavar="COLUMN", help="Group calls by it  [default: queue, where it is known].")
@click.option("--model", metavar="FINGERPRINT", help="Calls of this model  [default: the one that scored last].")
@click.option("--csv", "table_file", type=click.Path(path_type=Path), help="Write a row a call (.csv or .parquet).")
@click.option("--html", "page", type=click.Path(path_type=Path), help="Write a page to look at and filter.")
@options.as_json
def calls(
    store: str, by: str | None, model: str | None, table_file: Path | None, page: Path | None, as_json: bool
) -> None:
    """Show the calls that `tonewise score --store STORE` entered.

    STORE is an SQLite file or postgresql://USER@HOST/DATABASE. Calls by tone and week, by any column, and how customers
    sounded with each agent: agents whom so few calls do not tell apart are said to be that.
    """
    from tonewise.pipeline.overview import calls_export, overview, overview_json, write_overview
    from tonewise.store import open_store
    from tonewise.tables import calm_formulas, check_format, write_table

    if table_file is not None:
        check_format(table_file)
    with open_store(store, must_exist=True) as opened:
        found = overview(opened, by=by, model=model)
    if table_file is not None:
        export = calls_export(found)
        write_table(calm_formulas(export) if table_file.suffix.lower() == ".csv" else export, table_file)
    if page is not None:
        write_overview(found, page)
    if as_json:
        print_json(overview_json(found))
        return
    show_overview(found, console())
    for written in filter(None, (table_file, page)):
        click.echo(f"written to {written}")


def show_overview(found: Overview, screen: Console) -> None:
    """Weeks, groups and agents as tables."""
    from tonewise.report.wording import plural

    say(screen, f"{plural(len(found.calls), 'call')}, model {found.model}")
    if found.other_models:
        screen.print(f"left out: calls of {plural(found.other_models, 'other model')} (--model)", markup=False)
    _show(screen, "Tone by week", "week of", found.weeks)
    if found.by:
        _show(screen, f"Tone by {found.by}", found.by, found.groups)
    _show(screen, "How customers sounded with each agent", "agent", found.agents, judged=True)
    _show(screen, "How customers' tone changed during the call", "agent", found.agents_change, judged=True)


def _show(screen: Console, title: str, column: str, figures: Sequence[GroupFigure], *, judged: bool = False) -> None:
    from tonewise.report.overview import TOLD_APART
    from tonewise.report.wording import UNDEFINED, number

    if not figures:
        return
    rows = []
    for each in figures:
        interval = UNDEFINED if each.low is None else f"{number(each.low)} to {number(each.high)}"
        verdict = [TOLD_APART[each.apart]] if judged else []
        rows.append([each.name, str(each.calls), number(each.estimate), interval, *verdict])
    screen.print()
    screen.print(table(title, [printable(column), "calls", "mean", "95 %", *(["against all"] if judged else [])], rows))
