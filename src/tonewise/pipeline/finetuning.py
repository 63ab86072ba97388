"""Fine-tune a speech encoder on weak labels, judge it on voices it has not heard, and leave it for `hub:FOLDER`."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, bundle, evaluation, finetuning, labels, splits
from tonewise.errors import OptionError
from tonewise.features.hub import Hub
from tonewise.features.hub_files import checksum, locate
from tonewise.features.hub_network import SpeechNetwork, best_device
from tonewise.finetuning import Settings, Tuned
from tonewise.pipeline.finetuning_material import Sounds, as_examples, decode, examples, labelled_rows
from tonewise.pipeline.labelling import LabelledCorpus
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.results import evaluation_json, labels_json, problems_json
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.pipeline.versions import versions
from tonewise.records import Evaluation, Problem, Progress
from tonewise.weights.hub import commit

if TYPE_CHECKING:
    import pandas as pd

WEAK = (
    "metrics.valid chose the epoch and is flattered by that; metrics.test is agreement with labels made from words, of "
    "voices that were not learned from"
)


@dataclass(frozen=True, slots=True)
class FinetuningResult:
    """What a fine-tuning run has to tell.

    Attributes:
        folder: where the encoder is.
        facts: what `finetuning.json` holds: JSON, without times or paths.
        seconds: by stage, with their total.
        audio_seconds: of the clips that were learned from or judged.
        problems: what could not be read or heard.
    """

    folder: str
    facts: dict[str, Any]
    seconds: dict[str, float]
    audio_seconds: float
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What `tonewise finetune --json` prints."""
        return {
            **self.facts,
            "folder": self.folder,
            "seconds": self.seconds["total"],
            "seconds_by_stage": {stage: value for stage, value in self.seconds.items() if stage != "total"},
            "audio_seconds": self.audio_seconds,
            "problems": problems_json(self.problems),
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a run."""

    encoder: str
    output: Path
    settings: Settings
    training: TrainingOptions

    @property
    def hub(self) -> Hub:
        """The encoder as it is before.

        Raises:
            OptionError: no model is named, or layers of it are.
        """
        found = Hub.parse(self.encoder.removeprefix("hub:"))
        if found.layers is not None or found.pooling is not None:
            raise OptionError(
                f"--encoder {self.encoder} names layers or a pooling; fine-tuning weighs all layers: leave them out"
            )
        return found


def finetune(
    corpora: str | Path | Sequence[str | Path],
    output: str | Path,
    *,
    encoder: str,
    restart: bool = False,
    untrusted: audio.Limits | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> FinetuningResult:
    """Fine-tune a speech encoder on weak labels.

    The corpus is split before anything is learned. The validation part decides when to stop; gold labels are for judging
    the test part alone. The encoder that is left is heard with as `hub:FOLDER`; train with the same seed and split, or on
    other voices: it has heard the training part of this one.

    Args:
        corpora: see `train`.
        output: the folder of the encoder. An unfinished run of the same options there is gone on with.
        encoder: `hub:OWNER/NAME[@REVISION]` or `hub:FOLDER`.
        restart: begin anew, whatever run is there.
        untrusted, progress: see `train`.
        **options: fields of `finetuning.Settings` (`tuning`, `epochs`, `batch_seconds`, `learning_rate`, `patience`, `seed`)
            and, as in `train`, `labels`, `threshold`, `context`, `prototypes`, `poles`, `endpoint`, `split`, `gold`, `jobs`,
            `note`, `raw`, `transcript_format`.

    Raises:
        InputError: the corpus or the options do not allow it; the message says what to change.
        WeightsError: the encoder cannot be had.
    """
    asked = _asked(encoder, Path(output), restart, options)
    network, source = _network(asked.hub)  # first, so that a damaged one is told before the work
    watch = Stopwatch()
    labelled, rows = labelled_rows(corpora, asked.training, watch, untrusted, progress)
    with watch.stage("decode"):
        sounds, rows, unheard = decode(labelled.corpus.utterances, rows, progress)
    if restart:  # only now: until here, what is wrong costs nobody an earlier run
        finetuning.forget(asked.output)
    with watch.stage("tune"), _threads(asked.training.jobs):
        tuned = finetuning.tune(
            network,
            examples(rows, sounds, splits.TRAIN),
            examples(rows, sounds, splits.VALID),
            asked.settings,
            folder=asked.output,
            fingerprint=_fingerprint(asked, source, rows),
            progress=progress,
        )
    with watch.stage("evaluate"), _threads(asked.training.jobs):
        judged = _judged(tuned, rows, sounds, asked.training, progress)
    facts = _facts(asked, source, labelled, rows, tuned, judged)
    finetuning.finish(asked.output, tuned.network, tuned.head, facts)
    return FinetuningResult(
        folder=str(output),
        facts=facts,
        seconds={**watch.seconds, "total": watch.total},
        audio_seconds=float(rows["seconds"].sum()),
        problems=(*labelled.problems, *unheard),
    )


def _asked(encoder: str, output: Path, restart: bool, options: dict[str, Any]) -> _Asked:
    known = {each.name for each in fields(Settings)}
    settings = Settings(**{name: value for name, value in options.items() if name in known})
    settings.require()
    shared = {name: value for name, value in options.items() if name not in known or name == "seed"}
    asked = _Asked(encoder, output, settings, TrainingOptions.of(shared))
    finetuning.check_target(output, restart=restart)
    asked.hub.prepare()
    return asked


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """As many threads as were asked for, for each operation on a processor."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _network(hub: Hub) -> tuple[SpeechNetwork, dict[str, Any]]:
    """The encoder, and which one it is."""
    folder = locate(hub.model, hub.revision)
    source = {"model": hub.whose, "revision": commit(folder), "weights": checksum(folder)}
    return SpeechNetwork(folder, hub.whose, device=best_device()), source


def _fingerprint(asked: _Asked, source: dict[str, Any], rows: pd.DataFrame) -> str:
    """Of everything that decides what a run learns."""
    table = rows[["label", "confidence", "part", "seconds"]].to_csv(index=True)
    facts = {"settings": asdict(asked.settings), "source": source, "rows": table}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _judged(
    tuned: Tuned, rows: pd.DataFrame, sounds: Sounds, asked: TrainingOptions, progress: Progress | None
) -> dict[str, Evaluation]:
    """What is left is judged: the merged encoder, by validation and test labels and by gold labels of the test part."""
    import numpy as np

    held_out = rows[rows["part"].isin([splits.VALID, splits.TEST])]
    tones = dict(zip(held_out.index, tuned.tones(as_examples(held_out, "label", sounds), progress), strict=True))

    def judge(chosen: pd.DataFrame, column: str, words: bool) -> Evaluation:
        said = chosen["words"].to_numpy(dtype=float)
        return evaluation.evaluate(
            np.array([tones[row] for row in chosen.index]),
            (chosen[column] == labels.POSITIVE).to_numpy(),
            chosen["group"].to_numpy(),
            words=said if words and not np.isnan(said).all() else None,
            grouped_by=rows.attrs["grouped_by"],
            seed=asked.seed,
        )

    labelled = held_out[held_out["label"].notna()]
    found = {part: judge(labelled[labelled["part"] == part], "label", False) for part in (splits.VALID, splits.TEST)}
    if asked.gold:
        polar = held_out[labels.is_polar(held_out["gold"].to_numpy()) & (held_out["part"] == splits.TEST)]
        found["gold"] = judge(polar, "gold", True)
    return found


def _facts(
    asked: _Asked,
    source: dict[str, Any],
    labelled: LabelledCorpus,
    rows: pd.DataFrame,
    tuned: Tuned,
    judged: dict[str, Evaluation],
) -> dict[str, Any]:
    settings = asked.settings
    learned = rows[rows["label"].notna()]
    epochs = [asdict(epoch) for epoch in tuned.history]
    gold = judged.pop("gold", None)
    return {
        "encoder": source,
        "tuning": settings.tuning,
        "settings": asdict(settings) | {"learning_rate": settings.rate},
        "parameters": tuned.parameters,
        "layer_weights": tuned.layer_weights,
        "epochs": epochs,
        "best_epoch": tuned.best,
        "stopped_by": "epochs" if len(epochs) == settings.epochs else "patience",
        "utterances": len(labelled.corpus.utterances),
        "labelled": int(labelled.columns["label"].notna().sum()),
        "labels": labels_json(labelled.summary) | {"examples": {}},
        "label_policy": labelled.policy.as_dict(),
        "split": asked.training.split,
        "grouped_by": rows.attrs["grouped_by"],
        "split_parts": {part: int((learned["part"] == part).sum()) for part in splits.PARTS},
        # Whoever trains a model with this encoder can tell whether a test voice was learned from here.
        "trained_groups": bundle.fingerprints(learned["group"][learned["part"] == splits.TRAIN]),
        "metrics": {part: evaluation_json(found) for part, found in judged.items()},
        "gold": None if gold is None else {"column": asked.training.gold, **evaluation_json(gold)},
        "reading": WEAK,
        "seed": settings.seed,
        "note": asked.training.note,
        "device": tuned.network.device,
        "versions": versions() | _libraries(),
    }


def _libraries() -> dict[str, str]:
    from importlib.metadata import version

    return {library: version(library) for library in ("torch", "transformers", "safetensors")}
