"""Many recordings scored into a store: only what is new, one by one, so that a run that is killed goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tonewise import audio, remote
from tonewise.corpus import recordings_below, transcript_names
from tonewise.errors import InputError, OptionError
from tonewise.pipeline.calls_table import CallsTable, read_calls_table
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.localising import local_recording
from tonewise.pipeline.scoring import score_many
from tonewise.pipeline.scoring_files import page
from tonewise.pipeline.scoring_summary import summarise
from tonewise.records import CUSTOMER, Problem, Progress, RecordingScore
from tonewise.records.calls import CUSTOMER_TONE, UNKNOWN_TONE, Call, CallAbout
from tonewise.store import KnownCall, Store, open_store
from tonewise.tables import write_text

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Archived:
    """What a run came to: calls entered, calls that were there (of these, described anew), and what could not be scored."""

    store: str
    added: int
    known: int
    described: int
    failed: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def recordings_of(given: Sequence[str | Path]) -> list[str | Path]:
    """Recordings as they were named, and those below folders.

    Raises:
        OptionError: a folder has none.
    """
    found: list[str | Path] = []
    for each in given:
        if remote.address(each) or not Path(each).is_dir():
            found.append(each)
            continue
        below = recordings_below(Path(each))
        if not below:
            raise OptionError(f"there is no recording in the folder {each}; expected .wav, .flac, .mp3 and the like")
        found.extend(below)
    return found


def archive(
    model: LoadedModel | str | Path,
    recordings: Sequence[str | Path],
    store: str | Path,
    *,
    calls_table: str | Path | None = None,
    pages: str | Path | None = None,
    raw: str | None = None,
    cache: str | Path | bool = True,
    untrusted: audio.Limits | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Archived:
    """Score recordings into a store.

    A call that is there, of the same content, transcripts, options and model, is not scored again; what the table of calls
    says of it is brought up to date. One whose transcript or options changed replaces the older one.

    Args:
        model: a loaded model or its folder.
        recordings: files, folders (all below them) and addresses.
        store: an SQLite file, made where it is missing, or postgresql://USER@HOST/DATABASE.
        calls_table: CSV or Parquet with a column `recording` and any of `called_at`, `agent`, `queue` and others. Without
            it a call was when its file was last changed, UTC.
        pages: a folder for a page of each new call.
        raw, cache, untrusted, progress: see `train`.
        options: `channel`, `agent`, `customer_channel`, `agent_channel`, `transcript_format` of `score`.

    Raises:
        InputError: the model, the store or the table cannot be used. A recording that cannot be is a problem.
    """
    paths = recordings_of(recordings)
    table = read_calls_table(calls_table, paths) if calls_table is not None else None
    loaded = loaded_model(model)
    with open_store(store) as opened:
        key = opened.model(fingerprint(loaded), loaded.bundle.path.name)
        hearing = {"raw": raw, "cache": cache, "untrusted": untrusted}
        run = _Run(loaded, opened, key, table, None if pages is None else Path(pages), hearing, options)
        for done, path in enumerate(paths, start=1):
            run.take(path)
            if progress:
                progress("scoring", done, len(paths))
        return run.outcome()


def fingerprint(model: LoadedModel) -> str:
    """SHA-256 of what a model says of itself, its files' checksums among it."""
    return hashlib.sha256(json.dumps(model.manifest, sort_keys=True, default=str).encode()).hexdigest()


class _Run:
    """One run over many recordings."""

    def __init__(
        self,
        model: LoadedModel,
        store: Store,
        key: int,
        table: CallsTable | None,
        pages: Path | None,
        hearing: Mapping[str, Any],
        options: Mapping[str, Any],
    ) -> None:
        self._model, self._store, self._key, self._table = model, store, key, table
        self._pages, self._hearing, self._options = pages, hearing, options
        self._added = self._known = self._described = 0
        self._failed: list[Problem] = []
        self._problems: list[Problem] = list(table.problems) if table else []

    def take(self, given: str | Path) -> None:
        """Score one recording and enter it, unless it is there."""
        try:
            path = local_recording(given, self._hearing["raw"])
            content, inputs = file_hash(path), self._inputs(path)
        except (InputError, OSError) as error:
            self._failed.append(Problem("bad_recording", Path(given).name, _one_line(error, given)))
            return
        about = self._about(given, path)
        known = self._store.known(content, self._key)
        if known is not None and known.inputs == inputs and (self._pages is None or known.page):
            self._there(known, about)
            return
        scored, failed = score_many(self._model, [given], **self._hearing, **self._options)
        self._failed.extend(failed)
        for score in scored:
            call = call_of(score, content, inputs, about if self._table or known is None else known.about)
            self._store.put(replace(call, page=self._page(score, content)), self._key)
            self._added += 1
            self._problems.extend(score.problems)

    def outcome(self) -> Archived:
        """What the run came to."""
        counts = self._added, self._known, self._described
        return Archived(self._store.name, *counts, tuple(self._failed), tuple(self._problems))

    def _there(self, known: KnownCall, about: CallAbout) -> None:
        self._known += 1
        if self._table and about != known.about:
            self._store.describe(known.id, about)
            self._described += 1

    def _about(self, given: str | Path, path: Path) -> CallAbout:
        found = self._table.about(given) if self._table else None
        if found is not None and found.called_at is not None:
            return found
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(tzinfo=None, microsecond=0)
        return replace(found or CallAbout(), called_at=changed)

    def _inputs(self, path: Path) -> str:
        beside = {each.name: file_hash(each) for each in transcript_names(path) if each.is_file()}
        stated = json.dumps([beside, self._options, self._hearing["raw"]], sort_keys=True)
        return hashlib.sha256(stated.encode()).hexdigest()

    def _page(self, score: RecordingScore, content: str) -> str | None:
        if self._pages is None:
            return None
        file = (self._pages / f"{Path(score.recording).stem}-{content[:12]}.html").absolute()
        write_text(page(score, file, raw=self._hearing["raw"]), file)
        return str(file)


def call_of(score: RecordingScore, content: str, inputs: str, about: CallAbout) -> Call:
    """A scored recording as a call: figures of the customer, else of voices of whom nobody knows who they are."""
    roles = {segment.role for segment in score.segments if segment.tone is not None}
    whose = CUSTOMER_TONE if CUSTOMER in roles else UNKNOWN_TONE if None in roles else None
    role = CUSTOMER if whose == CUSTOMER_TONE else None
    figures = summarise([each for each in score.segments if each.role == role], score.duration) if whose else {}
    return Call(
        recording=score.recording,
        content_hash=content,
        inputs=inputs,
        about=about,
        duration=score.duration,
        whose=whose,
        tone=figures.get("mean_tone"),
        negative_share=figures.get("negative_share"),
        change=figures.get("trend"),
        mismatches=figures.get("mismatches", 0),
        summary={**score.summary, "problems": [asdict(each) for each in score.problems]},
        segments=score.segments,
    )


def file_hash(path: Path) -> str:
    """SHA-256 of a file, read block by block."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _one_line(error: Exception, given: str | Path) -> str:
    return f"{given} cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)
