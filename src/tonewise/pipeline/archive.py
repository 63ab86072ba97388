"""Many recordings scored into a store: what is new, each entered at once, so that a killed run goes on from there."""

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
from tonewise.engines import Engine
from tonewise.errors import AudioError, InputError, OptionError
from tonewise.pipeline.calls_table import CallsTable, read_calls_table
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.localising import local_recording, recording_name
from tonewise.pipeline.scoring import scores_as_they_come
from tonewise.pipeline.scoring_files import page
from tonewise.pipeline.scoring_request import ScoringRequest
from tonewise.pipeline.scoring_summary import summarise
from tonewise.pipeline.untrusted import let_in
from tonewise.records import CUSTOMER, Problem, Progress, RecordingScore
from tonewise.records.calls import CUSTOMER_TONE, UNKNOWN_TONE, Call, CallAbout
from tonewise.store import KnownCall, Store, open_store
from tonewise.tables import write_text


@dataclass(frozen=True, slots=True)
class Archived:
    """What a run came to: calls entered, calls that were there (of these, described anew), and what could not be scored."""

    store: str
    added: int
    known: int
    described: int
    failed: tuple[Problem, ...]
    problems: tuple[Problem, ...]


def recordings_of(given: Sequence[str | Path], problems: list[Problem]) -> list[str | Path]:
    """Recordings as they were named, and those below folders; folders that cannot be listed are added to `problems`.

    Raises:
        OptionError: a folder has none.
    """
    found: list[str | Path] = []
    for each in given:
        if remote.address(each) or not Path(each).is_dir():
            found.append(each)
            continue
        below = recordings_below(Path(each), problems)
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
    engine: Engine | None = None,
    raw: str | None = None,
    cache: str | Path | bool = True,
    untrusted: audio.Limits | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Archived:
    """Score recordings into a store.

    A call that is there, of the same content, transcripts, options and model, is not scored again; what the table of calls
    says of it is brought up to date. One whose transcript or options changed replaces the older one. Copies of a recording
    are one call, the one that is named first.

    Args:
        model: a loaded model or its folder.
        recordings: files, folders (all below them) and addresses.
        store: an SQLite file, made where it is missing, or postgresql://USER@HOST/DATABASE.
        calls_table: CSV or Parquet with a column `recording` and any of `called_at`, `agent`, `queue` and others. Without
            it a call was when its file was last changed, UTC.
        pages: a folder for a page of each new call.
        engine: whose workers score, None = this process; calls are entered here, as they come. See `engines.create`.
        raw, cache, untrusted, progress: see `train`.
        options: `channel`, `agent`, `customer_channel`, `agent_channel`, `transcript_format` of `score`.

    Raises:
        InputError: the model, the store or the table cannot be used. A recording that cannot be is a problem.
    """
    unlisted: list[Problem] = []
    paths = recordings_of(recordings, unlisted)
    table = read_calls_table(calls_table, paths) if calls_table is not None else None
    request = ScoringRequest(raw=raw, **options)
    loaded = loaded_model(model)
    with open_store(store) as opened:
        key = opened.model(fingerprint(loaded), loaded.bundle.path.name)
        run = _Run(opened, key, table, None if pages is None else Path(pages), raw, options)
        for done, path in enumerate(paths, start=1):
            run.look_at(path)
            if progress:
                progress("looking for new calls", done, len(paths))
        admitted, barred = let_in(list(run.new), untrusted, raw=raw, cache=cache, progress=progress)
        for place, found in scores_as_they_come(
            loaded, admitted, request, cache=cache, engine=engine, progress=progress
        ):
            run.enter(admitted[place], found)
        return run.outcome([*barred, *unlisted])


def fingerprint(model: LoadedModel) -> str:
    """SHA-256 of what a model says of itself, its files' checksums among it."""
    return hashlib.sha256(json.dumps(model.manifest, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _NewCall:
    """A recording that is to be scored: its file, what its scores depend on, and what is known of it."""

    path: Path
    content: str
    inputs: str
    about: CallAbout


class _Run:
    """One run over many recordings."""

    def __init__(
        self,
        store: Store,
        key: int,
        table: CallsTable | None,
        pages: Path | None,
        raw: str | None,
        options: Mapping[str, Any],
    ) -> None:
        self.new: dict[str | Path, _NewCall] = {}  # by what they were called
        self._store, self._key, self._table, self._pages = store, key, table, pages
        self._raw, self._options = raw, options
        self._seen: set[str] = set()
        self._added = self._known = self._described = 0
        self._failed: list[Problem] = []
        self._problems: list[Problem] = list(table.problems) if table else []

    def look_at(self, given: str | Path) -> None:
        """See whether a recording is there already, else put it among the `new` ones."""
        try:
            path = local_recording(given, self._raw)
            content, inputs, about = file_hash(path), self._inputs(path), self._about(given, path)
        except (InputError, OSError) as error:
            self._failed.append(_unreadable(given, error))
            return
        if content in self._seen:
            self._known += 1
            return
        self._seen.add(content)
        known = self._store.known(content, self._key)
        if known is not None and known.inputs == inputs and (self._pages is None or known.page):
            self._there(known, about)
        else:
            kept = about if self._table or known is None else known.about
            self.new[given] = _NewCall(path, content, inputs, kept)

    def enter(self, given: str | Path, found: RecordingScore | Problem) -> None:
        """Put a new call into the store, with its page, or say why it has no score."""
        if isinstance(found, Problem):
            self._failed.append(found)
            return
        new = self.new[given]
        try:
            written = self._page(found, new)
        except (AudioError, OSError) as error:  # it has gone since it was scored
            self._failed.append(_unreadable(given, error))
            return
        call = call_of(found, new.content, new.inputs, new.about)
        self._store.put(replace(call, page=written), self._key)
        self._added += 1
        self._problems.extend(found.problems)

    def outcome(self, barred: Sequence[Problem]) -> Archived:
        """What the run came to; `barred` are recordings that were not let in."""
        counts = self._added, self._known, self._described
        return Archived(self._store.name, *counts, (*self._failed, *barred), tuple(self._problems))

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
        stated = json.dumps([beside, self._options, self._raw], sort_keys=True)
        return hashlib.sha256(stated.encode()).hexdigest()

    def _page(self, score: RecordingScore, new: _NewCall) -> str | None:
        if self._pages is None:
            return None
        file = (self._pages / f"{Path(score.recording).stem}-{new.content[:12]}.html").absolute()
        write_text(page(score, new.path, file), file)
        return str(file)


def _unreadable(given: str | Path, error: InputError | OSError) -> Problem:
    name = recording_name(given)
    why = f"{name} cannot be read ({error.strerror})" if isinstance(error, OSError) else str(error)
    return Problem("bad_recording", name, why)


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
    """SHA-256 of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
