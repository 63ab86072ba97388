"""The demo's corpus: synthetic speech in four languages whose tone is known, made in under a minute.

It is **synthetic**: espeak-ng voices and a model of prosody (`tonewise.demo.prosody`), no people. Figures
from it show that the software works; they say nothing about how well tone is heard in anybody's voice.
"""

from __future__ import annotations

import csv
import json
import shutil
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.demo.manifest import write_manifest
from tonewise.errors import CorpusError, OptionError
from tonewise.tables import write_text

if TYPE_CHECKING:
    from tonewise.demo.plan import Session
    from tonewise.records import Progress

FORMAT = 1  # raise when the same options make other sounds

_MARK = "SYNTHETIC SPEECH made by the tonewise demo"
_README = f"""{_MARK}

Nobody speaks here. The voices are espeak-ng's; whether a sentence sounds positive or negative is made by
pitch, pitch range, tempo, loudness and voice quality after the literature on vocal affect. What is measured
on these files shows that the software works. It does not show how well tone is heard in real voices.

train.csv      English recordings, one row a sentence. `words` is the polarity of the wording, `tone` how it
               is said (the known truth), `style` joy, contentment, irritation or sadness. Tone agrees with
               words in the share of positive and negative sentences that corpus.json states.
languages.csv  Clips in English, French, Russian and Armenian by voices that train.csv does not have. There
               tone agrees with words; sentences with neutral words are said once in either tone.
corpus.json    How it was made. It is written last: a folder without it is unfinished.
"""
_OURS = ("recordings", "languages", "train.csv", "languages.csv", "corpus.json", "README.txt")


@dataclass(frozen=True, slots=True)
class DemoCorpus:
    """Where the demo's corpus lies: manifests with the columns `manifest.COLUMNS`, audio relative to `folder`."""

    train_manifest: Path
    languages_manifest: Path
    folder: Path


def make_corpus(
    folder: Path,
    *,
    seed: int = 0,
    agreement: float = 0.75,
    train_utterances: int = 1200,
    language_clips: int = 10,
    jobs: int = 2,
    progress: Progress | None = None,
) -> DemoCorpus:
    """Make the synthetic corpus in a folder, or find it there as made before with the same options.

    Sound is 16 kHz mono FLAC. The same options and version of espeak-ng give the same bytes.

    Args:
        folder: empty, new, or an earlier demo corpus.
        seed: 0 or more, of everything that is drawn.
        agreement: 0..1, the share of positively or negatively worded training sentences that are said in the tone of
            their words.
        train_utterances: sentences of the training part.
        language_clips: positive, and as many negative, sentences of each of the eight test voices in each language.
        jobs: recordings made at once.
        progress: called as `progress(stage, done, total)`.

    Raises:
        OptionError: an option is impossible, or a manifest cannot be written.
        CorpusError: the folder holds something else.
        MissingExtraError: the extra `demo` is not installed.
    """
    folder = Path(folder)
    options = {
        "format": FORMAT,
        "seed": seed,
        "agreement": agreement,
        "train_utterances": train_utterances,
        "language_clips": language_clips,
    }
    _check_options(seed, agreement, train_utterances, language_clips, jobs)
    corpus = DemoCorpus(folder / "train.csv", folder / "languages.csv", folder)
    if not _is_complete(corpus, options):
        from tonewise.demo.espeak import require_espeak

        require_espeak()
        _clear(folder)
        _make(corpus, options, jobs, progress)
    return corpus


def _check_options(seed: int, agreement: float, train_utterances: int, language_clips: int, jobs: int) -> None:
    from tonewise.demo.sentences import LANGUAGES, language_sentences

    written = min(len(language_sentences(tag, tone)) for tag in LANGUAGES for tone in ("positive", "negative"))
    checks = (
        (seed >= 0, f"seed {seed}: expected 0 or more"),
        (0.0 <= agreement <= 1.0, f"agreement {agreement}: expected a share between 0 and 1"),
        (train_utterances >= 1, f"train_utterances {train_utterances}: expected 1 or more"),
        (1 <= language_clips <= written, f"language_clips {language_clips}: expected 1 to {written}"),
        (jobs >= 1, f"jobs {jobs}: expected 1 or more"),
    )
    for holds, message in checks:
        if not holds:
            raise OptionError(message)


def _is_complete(corpus: DemoCorpus, options: dict[str, Any]) -> bool:
    try:
        about = json.loads((corpus.folder / "corpus.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # absent or cut short: it is made again
        return False
    if not isinstance(about, dict) or about.get("options") != options:
        return False
    manifests = (corpus.train_manifest, corpus.languages_manifest)
    return all(manifest.is_file() and _has_audio(manifest) for manifest in manifests)


def _has_audio(manifest: Path) -> bool:
    with manifest.open(encoding="utf-8", errors="replace", newline="") as lines:
        audio = {row.get("audio") or "" for row in csv.DictReader(lines)}
    return bool(audio) and all((manifest.parent / path).is_file() for path in audio)


def _clear(folder: Path) -> None:
    """Remove what an earlier run left, and nothing else."""
    if folder.exists() and not folder.is_dir():
        raise CorpusError(f"{folder} is a file; name a folder for the demo corpus")
    if not folder.exists() or not any(folder.iterdir()):
        folder.mkdir(parents=True, exist_ok=True)
        return
    readme = folder / "README.txt"
    if not readme.is_file() or not readme.read_text(encoding="utf-8", errors="replace").startswith(_MARK):
        raise CorpusError(f"{folder} holds something else than a demo corpus; name an empty or a new folder")
    (folder / "corpus.json").unlink(missing_ok=True)  # first: from here on the folder is unfinished
    for path in (folder / name for name in _OURS if name != "README.txt"):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _make(corpus: DemoCorpus, options: dict[str, Any], jobs: int, progress: Progress | None) -> None:
    from tonewise.demo.plan import plan_languages, plan_training

    (corpus.folder / "README.txt").write_text(_README, encoding="utf-8")
    training = plan_training(options["seed"], options["agreement"], options["train_utterances"])
    languages = plan_languages(options["seed"], options["language_clips"])
    rows, version = _record_all([*training, *languages], corpus.folder, jobs, progress)
    write_manifest(corpus.train_manifest, (row for session in training for row in rows[session.name]))
    write_manifest(corpus.languages_manifest, (row for session in languages for row in rows[session.name]))
    about = {
        "what": "synthetic speech: no people speak here",
        "options": options,
        "espeak_ng": version,
        "realised": _realised(training),
    }
    write_text(json.dumps(about, indent=2) + "\n", corpus.folder / "corpus.json")


def _record_all(
    sessions: list[Session], folder: Path, jobs: int, progress: Progress | None
) -> tuple[dict[str, list[dict[str, Any]]], str]:
    """Record every session, `jobs` at a time; the rows by the session's name, and espeak-ng's version."""
    from tonewise.demo.recording import record

    rows: dict[str, list[dict[str, Any]]] = {}
    version = ""
    total = sum(len(session.lines) for session in sessions)
    # Threads are enough: espeak-ng runs in processes of its own.
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = {pool.submit(record, session, folder): session.name for session in sessions}
        try:
            for done in as_completed(waiting):
                rows[waiting[done]], version = done.result()
                if progress is not None:
                    progress("demo corpus", sum(map(len, rows.values())), total)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)  # after an error or Ctrl-C, start no more
    return rows, version


def _realised(training: list[Session]) -> dict[str, Any]:
    lines = [line for session in training for line in session.lines]
    polar = [line for line in lines if line.words != "neutral"]
    return {
        "utterances": len(lines),
        "polar_utterances": len(polar),
        "agreement": sum(line.words == line.tone for line in polar) / len(polar) if polar else None,
        "speakers": len({session.speaker.name for session in training}),
        "sentences": len({line.text for line in lines}),
    }
