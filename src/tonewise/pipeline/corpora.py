"""Known corpora as they were downloaded: what is there, what is missing, and a manifest of what can be used."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.corpus import mosei, table_of_rows
from tonewise.corpus.mosei_folds import PARTS, Folds, find_folds, make_folds, read_folds
from tonewise.corpus.mosei_gold import Gold, place_labels
from tonewise.corpus.mosei_labels import LabelFile, find_label_files, read_labels
from tonewise.errors import CorpusError, InputError
from tonewise.pipeline.reading import audible
from tonewise.pipeline.results import problems_json
from tonewise.records import Corpus, Problem, Progress
from tonewise.tables import check_format, write_table

if TYPE_CHECKING:
    import pandas as pd

EXAMPLES = 5  # videos that are named of those that lack something
MANIFEST_COLUMNS = ("audio", "start", "end", "text", "speaker", "recording", "language", "sentiment", "split")

#: Where people get CMU-MOSEI, by what they lack.
MOSEI_SOURCES = {
    "recordings and transcripts": "the MultiComp Lab of Carnegie Mellon University: "
    "http://multicomp.cs.cmu.edu/resources/cmu-mosei-dataset/",
    "labels": "CMU_MOSEI_Labels.csd, through CMU-MultimodalSDK: https://github.com/CMU-MultiComp-Lab/CMU-MultimodalSDK",
    "folds": "mmsdk/mmdatasdk/dataset/standard_datasets/CMU_MOSEI/cmu_mosei_std_folds.py of CMU-MultimodalSDK; "
    "give your copy with --folds",
    "terms": "CMU-MultimodalSDK is MIT-licensed; the videos are YouTube's and their makers', so ask the lab what you may "
    "do with the recordings",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """Videos that lack something: how many, and the first few by name."""

    videos: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelSource:
    """A file of labels: its name, its kind ("sequence", "table", "ratings"), how many utterances have a label of it."""

    file: str
    kind: str
    utterances: int
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class MoseiCheck:
    """What a downloaded copy of CMU-MOSEI holds.

    Attributes:
        path: as it was given.
        videos: known from transcripts, sound or folds; `complete` have transcript, sound, labels and, where folds are
            known, a fold.
        missing: who lacks what: "transcript", "audio", "labels", "fold" (None where folds are unknown).
        elsewhere: videos that are labelled, but neither here nor in the folds.
        labels: the files that labels were read from.
        folds: where the folds are from, None = unknown.
        manifest: `MANIFEST_COLUMNS`, one row an utterance that can be heard: times in seconds within its recording,
            sentiment −3 to 3 (NaN = none), split "train", "valid", "test" or None.
        problems: what was left out or clamped.
        written: where the manifest was written, None = nowhere.
    """

    path: str
    videos: int
    complete: int
    missing: dict[str, Missing | None]
    elsewhere: Missing
    labels: tuple[LabelSource, ...]
    folds: str | None
    manifest: pd.DataFrame
    problems: tuple[Problem, ...]
    written: str | None = None

    @property
    def sentiment(self) -> dict[str, int]:
        """Utterances by the sign of their sentiment: positive, negative, neutral (exactly 0), none."""
        values = self.manifest["sentiment"]
        counts = {"positive": values > 0, "negative": values < 0, "neutral": values == 0, "none": values.isna()}
        return {name: int(rows.sum()) for name, rows in counts.items()}

    @property
    def splits(self) -> dict[str, int]:
        """Utterances in train, valid, test and in none of them (unknown)."""
        counts = {part: int((self.manifest["split"] == part).sum()) for part in PARTS}
        return {**counts, "unknown": len(self.manifest) - sum(counts.values())}

    def as_json(self) -> dict[str, Any]:
        """What `tonewise corpus mosei --json` prints."""
        return {
            "corpus": "CMU-MOSEI",
            "path": self.path,
            "manifest": self.written,
            "videos": {"known": self.videos, "complete": self.complete},
            "missing": {name: None if found is None else asdict(found) for name, found in self.missing.items()},
            "elsewhere": asdict(self.elsewhere),
            "labels": [asdict(source) for source in self.labels],
            "folds": self.folds,
            "utterances": len(self.manifest),
            "sentiment": self.sentiment,
            "split": self.splits,
            "where": MOSEI_SOURCES,
            "problems": problems_json(self.problems),
        }


def check_mosei(
    path: str | Path,
    *,
    labels: Sequence[str | Path] = (),
    folds: Sequence[str | Path] = (),
    output: str | Path | None = None,
    jobs: int = 2,
    progress: Progress | None = None,
) -> MoseiCheck:
    """Check a downloaded copy of CMU-MOSEI and write a manifest of what can be used.

    Args:
        path: the unpacked folder, with `Transcript` and `Audio` or with `Raw`.
        labels: files of labels, see `corpus/mosei_labels.py`; empty = those that lie in the copy.
        folds: the SDK's file of folds, JSON or three text files; empty = the SDK's file in the copy, else what the label
            files say.
        output: the manifest, `.csv` or `.parquet`; speaker and recording are the video. Overlaps stay as they are.
        jobs: threads that look into recordings.
        progress: called as `progress(stage, done, total)`.

    Raises:
        CorpusError: it is no copy of CMU-MOSEI, a named file cannot be used, or there is nothing to write.
        OptionError: the manifest has an unknown extension, or cannot be written.
    """
    if output is not None:
        check_format(Path(output))
    folder = mosei.root(Path(path))
    _require_copy(folder, path)
    places = list(dict.fromkeys((folder, Path(path))))
    problems: list[Problem] = []
    files = _label_files([Path(file) for file in labels], places, problems)
    known_folds = _folds([Path(file) for file in folds], places, files, problems)
    segments = _segments(Path(path))
    gold = place_labels(segments.utterances, files)
    manifest, left_out = _manifest(segments, gold, known_folds, jobs, progress)
    written = None if output is None else str(_write(manifest, Path(output), path))
    return MoseiCheck(
        path=str(path),
        labels=tuple(
            LabelSource(file.path.name, file.kind, used, file.left_out)
            for file, used in zip(files, gold.used, strict=True)
        ),
        folds=None if known_folds is None else known_folds.source,
        manifest=manifest,
        problems=(*problems, *gold.problems, *left_out),
        written=written,
        **_census(folder, files, known_folds),
    )


def _require_copy(folder: Path, given: str | Path) -> None:
    if not any((folder / part).is_dir() for part in ("Transcript", "Audio", "Labels")):
        what = "no such folder" if not folder.is_dir() else "no copy of CMU-MOSEI"
        raise CorpusError(
            f"{given}: {what}; expected a folder with {mosei.TRANSCRIPTS} and {mosei.AUDIO[0]} in it, from "
            f"{MOSEI_SOURCES['recordings and transcripts']}"
        )


def _label_files(named: list[Path], places: list[Path], problems: list[Problem]) -> list[LabelFile]:
    """The files that were named, which must be good; else those that lie there, and what is wrong with some of them."""
    if named:
        return [read_labels(file) for file in named]
    found: list[LabelFile] = []
    for file in dict.fromkeys(file.resolve() for place in places for file in find_label_files(place)):
        try:
            found.append(read_labels(file))
        except InputError as error:
            problems.append(Problem("bad_labels", file.name, str(error)))
    return found


def _folds(named: list[Path], places: list[Path], files: Sequence[LabelFile], problems: list[Problem]) -> Folds | None:
    there = named or [file for file in map(find_folds, places) if file][:1]
    if there:
        folds = read_folds(there)
    else:
        stated = [file for file in files if any(label.fold for label in file.labels)]
        pairs = [(label.video, label.fold) for file in stated for label in file.labels if label.fold]
        if not pairs:
            return None
        folds = make_folds(", ".join(file.path.name for file in stated), pairs)
    if folds.several:
        detail = f"videos in more than one fold, such as {folds.several[0]}: left without one, since they would leak"
        problems.append(Problem("several_folds", folds.source, detail, len(folds.several)))
    return folds


def _segments(path: Path) -> Corpus:
    """All segments of the transcripts, with or without sound; an empty table where there are none."""
    if mosei.recognise(path) and mosei.transcripts(path):
        return mosei.read(path, require_audio=False)
    nothing = table_of_rows([]).assign(segment=[])
    return Corpus(str(path), mosei.LAYOUT.name, nothing)


def _manifest(
    segments: Corpus, gold: Gold, folds: Folds | None, jobs: int, progress: Progress | None
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """The utterances that can be heard, with times within their recordings, and what became of the others."""
    parts = folds.videos if folds else {}
    table = segments.utterances.assign(sentiment=gold.sentiment)
    table["split"] = table["recording"].map(parts).astype(object).where(lambda part: part.notna(), None)
    heard = table[table["audio"].notna()].reset_index(drop=True)
    if heard.empty:
        return heard[list(MANIFEST_COLUMNS)], segments.problems
    # Each on a channel of its own: sentences of CMU-MOSEI overlap, and mending that is for whoever trains on them.
    alone = heard.assign(channel=range(len(heard)))
    checked = audible(Corpus(segments.source, segments.layout, alone, segments.problems), jobs=jobs, progress=progress)
    return checked.utterances[list(MANIFEST_COLUMNS)], checked.problems


def _write(manifest: pd.DataFrame, output: Path, source: str | Path) -> Path:
    """Write the manifest, with paths relative to it where the recordings lie below it."""
    if manifest.empty:
        raise CorpusError(
            f"{source}: there is nothing to write, since no video has both transcript and sound; "
            "`tonewise corpus mosei` without -o says what is missing"
        )
    folder = output.absolute().parent
    paths = [Path(audio) for audio in manifest["audio"]]
    written = [os.path.relpath(audio, folder) if audio.is_relative_to(folder) else str(audio) for audio in paths]
    write_table(manifest.assign(audio=written), output)
    return output


def _census(folder: Path, files: Sequence[LabelFile], folds: Folds | None) -> dict[str, Any]:
    """Which videos there are, and what each lacks."""
    here: dict[str, set[str]] = {
        "transcript": set(mosei.transcripts(folder)),
        "audio": set(mosei.sounds(folder)),
        "labels": {label.video for file in files for label in file.labels},
    }
    listed = {*folds.videos, *folds.several} if folds else set()
    known = here["transcript"] | here["audio"] | listed
    lacking = {name: known - videos for name, videos in here.items()}
    if folds:
        lacking["fold"] = known - set(folds.videos)
    missing: dict[str, Missing | None] = {name: _missing(videos) for name, videos in lacking.items()}
    return {
        "videos": len(known),
        "complete": len(known.difference(*lacking.values())),
        "missing": {"fold": None, **missing},
        "elsewhere": _missing(here["labels"] - known),
    }


def _missing(videos: Iterable[str]) -> Missing:
    names = sorted(videos)
    return Missing(len(names), tuple(names[:EXAMPLES]))
