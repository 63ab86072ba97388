"""`tonewise serve`: a model over HTTP."""

from __future__ import annotations

import os
from pathlib import Path

import click

from tonewise.cli import options
from tonewise.errors import MissingExtraError, OptionError

_SHORTEST_TOKEN = 16  # letters: less can be tried out


@click.command(short_help="A model over HTTP: a page, REST and a live socket.")
@options.model
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where uploads, results and the store of calls are kept  [default: the user's data folder].",
)
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that score.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Clients have to show what is in it as bearer token  [env var of the token itself: TONEWISE_TOKEN].",
)
@click.option("--no-token", is_flag=True, help="Listen beyond this machine without a token.")
@click.option("--allow-host", "hosts", multiple=True, metavar="NAME", help="The server is also called this.")
@click.option("--max-upload", type=click.IntRange(1), default=500, show_default=True, help="MB of one upload.")
@click.option(
    "--max-duration", type=click.FloatRange(0, min_open=True), default=240, show_default=True, help="Minutes."
)
@click.option("--max-queued", type=click.IntRange(1), default=100, show_default=True, help="Recordings that wait.")
@click.option("--job-timeout", type=click.FloatRange(0, min_open=True), default=60, show_default=True, help="Minutes.")
@click.option(
    "--memory", type=click.IntRange(0), default=4096, show_default=True, help="MiB a worker may have; 0 = no limit."
)
@click.option(
    "--keep",
    type=click.FloatRange(0, min_open=True),
    default=24,
    show_default=True,
    help="Hours after a job has ended.",
)
@click.option("--live", "live_sessions", type=click.IntRange(0), default=8, show_default=True, help="Live sockets.")
def serve(
    model: Path,
    host: str,
    port: int,
    data: Path | None,
    workers: int,
    token_file: Path | None,
    no_token: bool,
    hosts: tuple[str, ...],
    max_upload: int,
    max_duration: float,
    max_queued: int,
    job_timeout: float,
    memory: int,
    keep: float,
    live_sessions: int,
) -> None:
    """Serve MODEL: a page to upload recordings, REST with its description at /openapi.json, and a live socket.

    It listens on this machine only unless --host says otherwise; then it wants a token. See docs/server.md.
    """
    from tonewise.web.settings import Settings, default_data

    try:
        from tonewise.web.serving import is_loopback, listen
        from tonewise.web.serving import serve as serve_app
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("tonewise"):
            raise
        raise MissingExtraError("tonewise serve", "web") from error
    from tonewise.web import create_app

    token = _token(token_file)
    local = is_loopback(host)
    if token is None and not local and not no_token:
        raise OptionError(
            f"listening on {host} lets others in; give a --token-file (or TONEWISE_TOKEN), or say --no-token"
        )
    settings = Settings(
        data=data or default_data(),
        token=token,
        hosts=_names(host, hosts, guarded=local and token is None),
        max_upload_bytes=max_upload * 1_000_000,
        max_duration_seconds=max_duration * 60,
        job_timeout_seconds=job_timeout * 60,
        workers=workers,
        worker_memory_bytes=memory << 20 or None,
        max_queued=max_queued,
        keep_seconds=keep * 3600,
        live_sessions=live_sessions,
    )
    with listen(host, port) as listening:
        serve_app(create_app(model, settings), listening, _tell)


def _tell(line: str) -> None:
    click.echo(f"tonewise: {line}", err=True)


def _names(host: str, more: tuple[str, ...], *, guarded: bool) -> tuple[str, ...]:
    """By which names the server may be called: any, unless it is open to whoever is on this machine."""
    from tonewise.web.settings import LOOPBACK_NAMES

    return (*LOOPBACK_NAMES, *(name.lower() for name in (host, *more))) if guarded or more else ()


def _token(file: Path | None) -> str | None:
    """The token of a file, else of TONEWISE_TOKEN.

    Raises:
        OptionError: the file cannot be read, or the token is too short.
    """
    try:
        found = os.environ.get("TONEWISE_TOKEN") if file is None else file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise OptionError(f"{file} cannot be read as a token; expected a line of ASCII letters") from error
    if found is None:
        return None
    token = found.strip()
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        where = "TONEWISE_TOKEN" if file is None else str(file)
        raise OptionError(
            f"the token of {where} cannot be used; expected {_SHORTEST_TOKEN} ASCII letters or more, without spaces"
        )
    return token
