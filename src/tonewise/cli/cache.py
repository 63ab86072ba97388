"""`tonewise cache`: what is kept between runs, and how much of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table

if TYPE_CHECKING:
    from tonewise.pipeline.caching import CacheInfo, Holding, Pruned

_UNITS = {"": 1, "B": 1, **{f"{letter}B": 1000**power for power, letter in enumerate("KMGT", 1)}}
_UNITS |= {f"{letter}IB": 1024**power for power, letter in enumerate("KMGT", 1)}
_SECONDS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _size(value: str) -> int:
    """Bytes, as people write them."""
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,9})?) ?([KMGT]?I?B?)", value.strip().upper())
    unit = found and (found[2] if found[2] in _UNITS else f"{found[2]}B")
    if not found or unit not in _UNITS:
        raise click.BadParameter(f"'{value}' is no size; expected such as 10GB, 500MB or 2.5TB")
    return int(float(found[1]) * _UNITS[unit])


def _age(value: str) -> float:
    """Seconds, as people write days."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?) ?([mhdw])", value.strip())
    if not found:
        raise click.BadParameter(f"'{value}' is no age; expected such as 30d, 12h or 2w")
    return float(found[1]) * _SECONDS[found[2]]


def _read_as(reader: Callable[[str], int | float]) -> Callable[..., int | float | None]:
    return lambda _context, _option, given: None if given is None else reader(given)


_folder = click.option(
    "--cache",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="TONEWISE_FEATURE_CACHE",
    show_envvar=True,
    help="The cache  [default: the user's cache folder].",
)


@click.group(short_help="What is kept between runs, and how much of it.")
def cache() -> None:
    """Features, votes and finished rows of comparisons are kept, so that nothing is computed twice.

    All of it can be made again: whatever is removed costs time, never a result. Other processes may go on meanwhile.
    """


@cache.command()
@_folder
@options.as_json
def info(folder: Path | None, as_json: bool) -> None:
    """Show what is kept, by encoder and labeller, and the limit."""
    from tonewise.pipeline.caching import cache_info

    with progress_bars() as progress:
        found = cache_info(folder or True, progress)
    if as_json:
        print_json(asdict(found))
        return
    _show(found)


@cache.command()
@_folder
@click.option(
    "--max-size",
    metavar="SIZE",
    callback=_read_as(_size),
    help="Keep so much (10GB): the last used.",
)
@click.option(
    "--older-than", metavar="AGE", callback=_read_as(_age), help="Remove what was not used for so long (30d)."
)
@click.option("--all", "everything", is_flag=True, help="Remove everything that can be made again.")
@options.as_json
def prune(folder: Path | None, max_size: int | None, older_than: float | None, everything: bool, as_json: bool) -> None:
    """Remove what is old or too much. Answers of language models, weights and copies of remote files stay."""
    from tonewise.pipeline.caching import prune_cache

    _tell(prune_cache(folder or True, max_size=max_size, older_than=older_than, everything=everything), as_json)


@cache.command()
@_folder
@options.as_json
def verify(folder: Path | None, as_json: bool) -> None:
    """Read everything and remove what is damaged; it is computed again when it is needed."""
    from tonewise.pipeline.caching import verify_cache

    with progress_bars() as progress:
        found = verify_cache(folder or True, progress)
    if as_json:
        print_json({kind: asdict(counts) for kind, counts in found.items()})
        return
    rows = [[kind, f"{each.whole:,}", f"{each.unverified:,}", f"{each.damaged:,}"] for kind, each in found.items()]
    console().print(table("Checked", ["kind", "whole", "no checksum", "damaged, removed"], rows))


@cache.command()
@click.argument("size", metavar="SIZE|none")
@_folder
@options.as_json
def limit(size: str, folder: Path | None, as_json: bool) -> None:
    """Keep at most SIZE of features (50GB), for all who share the cache; `none` = no limit."""
    from tonewise.pipeline.caching import limit_cache

    asked = None if size.lower() == "none" else _size(size)
    _tell(limit_cache(asked, folder or True), as_json)


def _tell(found: Pruned, as_json: bool) -> None:
    if as_json:
        print_json(asdict(found))
        return
    removed = ", ".join(f"{count:,} {kind}" for kind, count in found.removed.items() if count)
    freed = f" ({_bytes(found.freed)})" if found.freed else ""
    console().print(f"removed {removed or 'nothing'}{freed}; {_bytes(found.left)} are left")


def _show(found: CacheInfo) -> None:
    screen = console()
    rows = [[f"{each.kind} {each.name}".strip(), f"{each.entries:,}", _size_of(each)] for each in found.holdings]
    screen.print(table(f"Kept in {found.root}", ["what", "entries", "size"], rows))
    limit = "none" if found.limit is None else _bytes(found.limit) + (" (default)" if found.limit_is_default else "")
    say(screen, f"{_bytes(found.bytes)} can be made again; limit of features: {limit}")
    if found.oldest is not None:
        screen.print(f"least recent use: {datetime.fromtimestamp(found.oldest, UTC):%Y-%m-%d}")


def _size_of(each: Holding) -> str:
    kept = "" if each.is_pruned else ", never pruned"
    return "" if each.bytes is None else f"{_bytes(each.bytes)}{kept}"


def _bytes(size: int) -> str:
    """1.5 GB; three digits."""
    for unit, letter in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {letter}"
    return f"{size} B"
