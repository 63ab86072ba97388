"""The door for recordings of strangers: each is decoded in a process that can be killed before anything here opens it."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import asdict, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Self

from tonewise import audio
from tonewise.audio.checking import Checker, Limits
from tonewise.audio.raw import declared
from tonewise.errors import AudioError, InputError
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.localising import local_recording, recording_name
from tonewise.pipeline.probing import bad_audio
from tonewise.records import Corpus, Problem, Progress
from tonewise.version import __version__

REMEMBERED = "checked.jsonl"  # in the cache of features
_FILE = "\0"  # where a remembered line names the file, which has another name the next time


class Door:
    """Lets harmless recordings in; a context manager. Without limits it stands open.

    What passed, and what did not, is remembered by the bytes of the file, the limits and the versions of what decodes, so
    that nothing is checked twice. What took too long is not: the machine may have been busy. Threads may share a door.
    """

    def __init__(self, limits: Limits | None, *, cache: str | Path | bool = True, jobs: int = 1) -> None:
        """Check with up to `jobs` processes at once; `cache` as for `train`."""
        self._limits = limits
        self._memory = _Memory(None if limits is None else open_cache(cache).root)
        self._free: SimpleQueue[Checker] = SimpleQueue()
        self._open = ExitStack()
        self._checkers = [self._open.enter_context(Checker(limits)) for _ in range(jobs if limits else 0)]
        for checker in self._checkers:
            self._free.put(checker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def admit(self, path: str | Path) -> None:
        """Let a recording in.

        Raises:
            AudioError: it is left out; the message says why.
        """
        if self._limits is None:
            return
        key = _key(path, self._limits)
        known = self._memory.get(key)
        refused = self._refused(str(path), key) if known is None else known.replace(_FILE, str(path))
        if refused:
            raise AudioError(refused)

    def refused(self, paths: Sequence[str | Path], progress: Progress | None = None) -> dict[str, str]:
        """Those of many recordings that are left out, and why."""
        if self._limits is None:
            return {}
        found: dict[str, str] = {}
        with ThreadPoolExecutor(len(self._checkers)) as pool:
            try:
                for done, (path, why) in enumerate(zip(paths, pool.map(self._why, paths), strict=True), start=1):
                    if why is not None:
                        found[str(path)] = why
                    if progress and (done % 20 == 0 or done == len(paths)):
                        progress("checking strangers' files", done, len(paths))
            except KeyboardInterrupt:
                self._interrupt(pool)
                raise
        return found

    def _interrupt(self, pool: ThreadPoolExecutor) -> None:
        """Wait for no file that may take minutes more."""
        pool.shutdown(wait=False, cancel_futures=True)
        for checker in self._checkers:
            checker.interrupt()

    def _why(self, path: str | Path) -> str | None:
        try:
            self.admit(path)
        except AudioError as error:
            return str(error)
        return None

    def _refused(self, path: str, key: str | None) -> str:
        checker = self._free.get()
        try:
            outcome = checker.examine(path)
        finally:
            self._free.put(checker)
        why = "" if outcome.checked is not None else str(outcome.why)
        if key is not None and outcome.lasting:
            self._memory.put(key, str(AudioError(why)).replace(str(AudioError(path)), _FILE))
        return why


def harmless(
    corpus: Corpus,
    limits: Limits | None,
    *,
    cache: str | Path | bool = True,
    jobs: int = 1,
    progress: Progress | None = None,
) -> Corpus:
    """The utterances whose recording does no harm; the others become problems. Without limits, all of them."""
    if limits is None:
        return corpus
    utterances = corpus.utterances
    with Door(limits, cache=cache, jobs=jobs) as door:
        refused = door.refused(list(utterances["audio"].dropna().unique()), progress)
    if not refused:
        return corpus
    out = utterances["audio"].isin(list(refused))
    kept = utterances[~out].reset_index(drop=True)
    return replace(corpus, utterances=kept, problems=(*corpus.problems, *bad_audio(refused, utterances["audio"])))


def let_in(
    recordings: Sequence[str | Path],
    limits: Limits | None,
    *,
    raw: str | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> tuple[list[str | Path], list[Problem]]:
    """The recordings that do no harm, and a problem for each other one."""
    if limits is None:
        return list(recordings), []
    admitted: list[str | Path] = []
    problems: list[Problem] = []
    with Door(limits, cache=cache) as door:
        for done, each in enumerate(recordings, start=1):
            try:
                door.admit(local_recording(each, raw))
            except InputError as error:
                problems.append(Problem("bad_recording", recording_name(each), str(error)))
            else:
                admitted.append(each)
            if progress:
                progress("checking strangers' files", done, len(recordings))
    return admitted, problems


class _Memory:
    """Why recordings were refused, empty where they were not, by key: JSON lines that processes append to."""

    def __init__(self, root: Path | None) -> None:
        self._file = None if root is None else root / REMEMBERED
        self._lock = threading.Lock()
        self._known = dict(self._read())

    def get(self, key: str | None) -> str | None:
        return None if key is None else self._known.get(key)

    def put(self, key: str, why: str) -> None:
        """Remember for this run and, where the cache can be written, for the next one."""
        with self._lock:
            self._known[key] = why
            if self._file is None:
                return
            with suppress(OSError):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
                try:
                    # On a line of its own even where another process was killed in the middle of one.
                    os.write(handle, f"\n{json.dumps([key, why])}\n".encode())
                finally:
                    os.close(handle)

    def _read(self) -> Iterable[tuple[str, str]]:
        if self._file is None:
            return
        try:
            lines = self._file.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return
        for line in lines:
            with suppress(ValueError, RecursionError):
                match json.loads(line):
                    case [str(key), str(why)]:
                        yield key, why


def _key(path: str | Path, limits: Limits) -> str | None:
    """What the outcome depends on; None where the file cannot be read."""
    try:
        if not Path(path).is_file() or Path(path).stat().st_size > limits.bytes:
            return None
        with Path(path).open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError):
        return None
    parts = [content, declared(path), asdict(limits), audio.decoder_versions(), __version__]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
