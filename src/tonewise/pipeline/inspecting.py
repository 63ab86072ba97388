"""Look at corpora, recordings and transcripts without learning anything: headers, words and times, and what is wrong."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, labels, remote, splits
from tonewise.corpus import (
    check_channels,
    check_times,
    files_below,
    has_text_name,
    is_recording,
    read_beside,
    recordings_below,
    table_of_rows,
    transcript_rows,
)
from tonewise.errors import AudioError, CorpusError, InputError, SplitError, TranscriptError
from tonewise.pipeline.inspection import EXAMPLES, Inspection, Sound, SplitOutlook, by_kind, next_step, spread
from tonewise.pipeline.localising import declare_raw, local_recording, localised
from tonewise.pipeline.probing import bad_audio, probe_all
from tonewise.pipeline.reading import join, read_corpora
from tonewise.pipeline.spoken import contents
from tonewise.pipeline.untrusted import Door
from tonewise.records import UTTERANCE_COLUMNS, Corpus, Problem, Progress
from tonewise.transcripts import Transcript, read_transcript, transcript_extensions

if TYPE_CHECKING:
    import pandas as pd

SAMPLED_TEXTS = 2_000  # whose language is found out: 0.2 ms each
COMPARED_RECORDINGS = 20  # of several channels, which are decoded where the channels are copies


@dataclass(frozen=True, slots=True)
class _Seen:
    """One of the paths: its utterances, and recordings that may have none."""

    corpus: Corpus
    files: tuple[str, ...] = ()


def inspect(
    paths: str | Path | Sequence[str | Path],
    *,
    raw: str | None = None,
    jobs: int = 2,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    transcript_format: str | None = None,
) -> Inspection:
    """See what tonewise sees in a corpus. Recordings are opened, not decoded, except to compare some channels.

    Args:
        paths: manifests, folders, known layouts, single recordings or transcripts, or addresses of them (whose files are
            copied: see `remote`).
        raw: what recordings without a header hold, `ENCODING:RATE[:CHANNELS]`.
        jobs: recordings that are looked at at once.
        untrusted: what one recording of a stranger may take; all are decoded then, in a process that can be killed.
        cache: where it is remembered which were harmless, and which languages the words are in.
        progress: called as `progress(stage, done, total)`.
        transcript_format: what transcripts are read as; None = by their content.

    Raises:
        InputError: there is nothing that could be looked at.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    if not given:
        raise CorpusError("nothing was named to look at; expected a manifest, a folder, a recording or a transcript")
    declare_raw((), raw)  # a wrong declaration is told before anything is read
    seen = [_look(path, transcript_format, progress) for path in given]
    corpus = localised(join([each.corpus for each in seen]), raw=raw, progress=progress)
    named = corpus.utterances["audio"].dropna().unique()
    files = list(dict.fromkeys([*(file for each in seen for file in each.files), *named]))
    declare_raw(files, raw)
    with Door(untrusted, cache=cache, jobs=jobs) as door:
        refused = door.refused(files, progress)
    harmless_files = [file for file in files if file not in refused]
    infos, broken = probe_all(harmless_files, jobs=jobs, stage="opening recordings", progress=progress)
    broken |= refused
    harmful = corpus.utterances["audio"].isin(list(refused))
    harmless = replace(corpus, utterances=corpus.utterances[~harmful].reset_index(drop=True))
    checked = _checked(harmless, {path: info.duration for path, info in infos.items()}, progress)
    checked = replace(checked, problems=(*checked.problems, *bad_audio(broken, corpus.utterances["audio"])))
    found = _summary(checked, infos, len(broken), _copied(infos, progress), cache)
    return replace(found, next=next_step(found, shlex.join(each.corpus.source for each in seen)))


def _look(path: str | Path, form: str | None, progress: Progress | None) -> _Seen:
    url = remote.address(path)
    if url is not None and not remote.is_folder(url) and is_recording(Path(remote.name_of(url))):
        return _look_at_recording(local_recording(path), remote.shown(url), form)
    if url is None and Path(path).is_file() and is_recording(Path(path)):
        return _look_at_recording(Path(path), str(path), form)
    problems: list[Problem] = []
    below = filter(has_text_name, recordings_below(Path(path), problems)) if Path(path).is_dir() else ()
    files = [str(file.absolute()) for file in below]
    try:
        found = read_corpora(path, require_audio=False, transcript_format=form, progress=progress)
        return _Seen(found, tuple(files))
    except CorpusError as error:
        if files:
            problems.append(Problem("no_words", str(path), str(error), len(files)))
            return _Seen(Corpus(str(path), "folder", table_of_rows([]), tuple(problems)), tuple(files))
        if url is not None:
            raise
        look = _look_at_transcripts if Path(path).is_dir() else _look_at_transcript
        return look(Path(path), form, error)


def _look_at_recording(file: Path, source: str, form: str | None) -> _Seen:
    transcript, problems = read_beside(file, file.name, format=form)
    found = _corpus(source, "recording", str(file.absolute()), file.stem, transcript)
    return _Seen(replace(found, problems=tuple(problems)), (str(file.absolute()),))


def _look_at_transcripts(folder: Path, form: str | None, otherwise: CorpusError) -> _Seen:
    """A folder that holds no recordings, but transcripts."""
    found: list[Corpus] = []
    problems: list[Problem] = []
    for file in (file for file in files_below(folder, problems) if _may_be_transcript(file)):
        try:
            found.append(_look_at_transcript(file, form, otherwise).corpus)
        except InputError as error:
            problems.append(Problem("bad_transcript", file.name, str(error)))
    if not found:
        raise otherwise
    joined = join(found)
    return _Seen(replace(joined, source=str(folder), layout="transcripts", problems=(*joined.problems, *problems)))


def _may_be_transcript(file: Path) -> bool:
    return file.suffix.lower() in {extension.lower() for extension in transcript_extensions()}


def _look_at_transcript(file: Path, form: str | None, otherwise: CorpusError) -> _Seen:
    """A file that is no corpus: a transcript, else an error that fits its extension."""
    if not file.is_file():
        raise otherwise
    try:
        transcript = read_transcript(file, form)
    except TranscriptError as error:
        raise error if _may_be_transcript(file) else otherwise from None
    found = _corpus(str(file), "transcript", None, file.stem, transcript)
    return _Seen(replace(found, problems=transcript.problems))


def _corpus(source: str, layout: str, sound: str | None, name: str, transcript: Transcript | None) -> Corpus:
    rows = list(transcript_rows(name, sound, transcript)) if transcript else []
    formats = {transcript.format: 1} if transcript else {}
    return Corpus(source, layout, table_of_rows(rows), formats=formats)


def _checked(corpus: Corpus, durations: dict[str, float], progress: Progress | None) -> Corpus:
    """Utterances with times inside their recordings; where no recording is named at all, as they are."""
    if not corpus.utterances["audio"].notna().any():
        return corpus
    return check_times(check_channels(corpus, progress), durations)


def _copied(infos: dict[str, audio.AudioInfo], progress: Progress | None) -> tuple[int, list[str]]:
    """How many recordings of several channels were compared, and those whose channels are copies."""
    several = [path for path, info in infos.items() if info.channels > 1]
    chosen = several[:: max(len(several) // COMPARED_RECORDINGS, 1)][:COMPARED_RECORDINGS]
    copied = []
    for done, path in enumerate(chosen, start=1):
        try:
            if audio.identical_channels(path):
                copied.append(path)
        except AudioError:  # truncated, for example: whoever hears it tells
            pass
        if progress:
            progress("comparing channels", done, len(chosen))
    return len(chosen), copied


def _summary(
    corpus: Corpus,
    infos: dict[str, audio.AudioInfo],
    unreadable: int,
    copied: tuple[int, list[str]],
    cache: str | Path | bool,
) -> Inspection:
    table = corpus.utterances
    spoken = table["audio"][table["text"].notna()].unique()
    silent = sorted(set(infos) - set(spoken))
    speakers = table["speaker"].dropna()
    groups, grouped_by = splits.speaker_groups(table)
    same = [Problem("copied_channels", Path(path).name, "all channels are copies of one") for path in copied[1]]
    detected, sampled = _detected(table)
    return Inspection(
        source=corpus.source,
        layout=corpus.layout,
        sound=_sound(list(infos.values()), copied),
        unreadable=unreadable,
        utterances=len(table),
        with_text=int(table["text"].notna().sum()),
        lengths=spread((table["end"] - table["start"]).dropna()),
        speakers=speakers.nunique() or None,
        per_speaker=spread(speakers.value_counts()),
        languages=_counted(table["language"].dropna()),
        detected=detected,
        sampled=sampled,
        transcripts=dict(corpus.formats),
        without_transcript=len(silent),
        silent=tuple(Path(path).name for path in silent[:EXAMPLES]),
        columns=tuple(str(column) for column in table.columns if column not in UTTERANCE_COLUMNS),
        splits=_outlooks(table, groups, cache),
        grouped_by=grouped_by,
        problems=by_kind([*corpus.problems, *same]),
    )


def _sound(infos: Sequence[audio.AudioInfo], copied: tuple[int, list[str]]) -> Sound:
    return Sound(
        recordings=len(infos),
        hours=round(sum(info.duration for info in infos) / 3600, 4),
        seconds=spread(info.duration for info in infos),
        rates=_counted(info.sample_rate for info in infos),
        channels=_counted(info.channels for info in infos),
        formats=_counted(info.format for info in infos),
        compared=copied[0],
        copied=len(copied[1]),
    )


def _counted(values: Any) -> dict[Any, int]:
    """How often each value comes, the most frequent first."""
    return dict(Counter(values).most_common())


def _detected(table: pd.DataFrame) -> tuple[dict[str, int], int]:
    """Texts by the language of their words, and how many were looked at, from all of the corpus."""
    texts = table[table["text"].notna()]
    some = texts.iloc[:: max(len(texts) // SAMPLED_TEXTS, 1)].iloc[:SAMPLED_TEXTS]
    found = labels.detect_languages(some["text"], some["recording"])
    return _counted(found.dropna()), len(some)


def _outlooks(table: pd.DataFrame, groups: pd.Series, cache: str | Path | bool) -> dict[str, SplitOutlook]:
    """What would become of each split; that by words goes by what is said, as training does."""
    if table.empty:
        nothing = SplitOutlook(False, "there are no utterances")
        return {"speaker": nothing, "lexical": nothing}
    said = contents(table, cache)
    wordless = SplitOutlook(False, "there are no words")
    return {
        "speaker": _outlook(groups, "speaker", None),
        "lexical": _outlook(groups, "lexical", said) if said.map(bool).any() else wordless,
    }


def _outlook(groups: pd.Series, strategy: str, said: pd.Series | None) -> SplitOutlook:
    try:
        parts = splits.split(groups, strategy, contents=said)
    except SplitError as error:
        return SplitOutlook(False, str(error))
    sizes = {
        part: {"utterances": int((parts == part).sum()), "groups": int(groups[parts == part].nunique())}
        for part in splits.PARTS
    }
    return SplitOutlook(True, None, sizes)
