"""Train a model of how speech sounds, from what it says, and judge it on voices it has not heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, bundle, features, labels, models, report, splits
from tonewise.engines import Engine
from tonewise.pipeline.hearing import Heard, create_encoders, hear, open_cache
from tonewise.pipeline.labelling import LabelledCorpus
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.pictures import spectrograms
from tonewise.pipeline.saving import save
from tonewise.pipeline.scoring_scale import calibrate, calibrated
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.pipeline.study import Study
from tonewise.pipeline.training_audit import audit_training
from tonewise.pipeline.training_material import training_material
from tonewise.pipeline.versions import versions
from tonewise.records import Problem, Progress, RefinementResult, TrainingResult
from tonewise.tables import write_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEFAULT_MODEL = "tonewise-model"


def train(
    corpora: str | Path | Sequence[str | Path],
    output: str | Path = DEFAULT_MODEL,
    *,
    report_file: str | Path | None = None,
    cache: str | Path | bool = True,
    engine: Engine | None = None,
    untrusted: audio.Limits | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> TrainingResult:
    """Train, judge and save a model.

    The corpus is split before anything is learned. Weak labels come from the words; the classifier learns them from the
    sound of the training split; it is judged on the labels of the other two, and on `gold` labels of the test split
    where there are any. Gold labels are never trained on.

    Args:
        corpora: a manifest (CSV or Parquet), a folder of recordings with transcripts, a known layout, or several.
        output: the folder of the model.
        report_file: an HTML page about the run, if asked for.
        cache: where features and votes are kept: True = the user's cache, False = nowhere, a path = that folder.
        engine: whose workers hear the utterances, None = this process; the model is the same, byte for byte.
        untrusted: what one recording of a stranger may take: each is first decoded in a process that can be killed.
        progress: called as `progress(stage, done, total)`.
        **options: fields of `TrainingOptions`: `labels` (a labeller's name or a column), `threshold` (0..1), `features`
            (names), `classifier`, `split` (speaker, lexical or random), `gold` (a column), `seed`, `jobs`, `note` (one
            sentence on what the corpus is, kept in the model card), `baseline` (`none`, or `speaker`: features as
            differences from how that speaker usually sounds), `audit` (train anew with voices and words held out, and say
            whether tone is heard or words are read), `refine` (let the voice correct the words' labels),
            `prototypes`, `poles`, `endpoint`, `context`, `transcript_format` (see `label`), `raw` (what recordings without
            a header hold, `ENCODING:RATE[:CHANNELS]`).

    Returns:
        Everything that the run has to tell.

    Raises:
        InputError: the corpus or the options do not allow it; the message says what to change.
        WeightsError: pretrained weights cannot be had.
    """
    asked = TrainingOptions.of(options)
    bundle.check_target(output)
    watch = Stopwatch()
    labelled, rows = training_material(corpora, asked, watch, cache, untrusted, progress)
    needed = labelled.corpus.utterances.loc[rows.index]
    with watch.stage("features"):
        encoders = create_encoders(asked.features, progress)
        heard = _heard(needed, encoders, asked, cache, engine, progress)
    study, preparation = _study(rows, heard, asked.baseline)
    fitted = _fit(study, asked, labelled.policy.reliability, watch, progress)
    with watch.stage("evaluate"):
        judged = _judge(study, fitted.scores, asked)
    result = _result(str(output), labelled, study, asked, heard, rows.attrs["left_out"], judged, fitted.refinement)
    result = replace(result, problems=(*result.problems, *_known_voices(asked.features, encoders, study)))
    if asked.audit:
        with watch.stage("audit"):
            findings, told = audit_training(needed, rows, heard, asked, cache, progress)
        result = replace(result, audit=findings, problems=(*result.problems, *told))
    result = replace(result, seconds={**watch.seconds, "total": watch.total})
    save(
        _lasting(result),
        fitted.classifier,
        encoders,
        preparation,
        study,
        asked,
        labelled.policy,
        fitted.scores,
        fitted.calibration,
    )
    _write_report(result, labelled, asked.seed, report_file)
    return result


def _write_report(result: TrainingResult, labelled: LabelledCorpus, seed: int, file: str | Path | None) -> None:
    if file is not None:
        shown = spectrograms(labelled.corpus.utterances, labelled.columns["label"], seed=seed)
        write_text(report.training_report(result, spectrograms=shown), Path(file))


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """What learning gives.

    Attributes:
        classifier: ONNX bytes.
        scores: calibrated tone of every row of the study, `(n,)`, 0..1.
    """

    classifier: bytes
    scores: np.ndarray
    calibration: dict[str, Any]
    refinement: RefinementResult | None


def _fit(
    study: Study, asked: TrainingOptions, reliability: float, watch: Stopwatch, progress: Progress | None
) -> _Fitted:
    learned, refinement = study, None
    if asked.refine:
        with watch.stage("refine"):
            learned, refinement = study.refined(reliability, seed=asked.seed, progress=progress)
    with watch.stage("fit"):
        fitted = learned.fit(asked.classifier, seed=asked.seed, jobs=asked.jobs)
        classifier = models.to_onnx(fitted, study.features.shape[1])
    with watch.stage("evaluate"):
        # What is judged is what is shipped: the ONNX form, not the object that was fitted.
        scores = models.OnnxClassifier(classifier).positive(study.features)
        calibration = calibrate(study, scores)
        return _Fitted(classifier, calibrated(calibration, scores), calibration, refinement)


def _judge(study: Study, scores: np.ndarray, asked: TrainingOptions) -> dict[str, Any]:
    """What the scores are worth: fields of `TrainingResult`."""
    return {
        "evaluations": {part: study.judge(scores, part, seed=asked.seed) for part in (splits.VALID, splits.TEST)},
        "gold": study.judge_gold(scores, seed=asked.seed) if asked.gold else None,
        "reliability": study.reliability(scores, seed=asked.seed),
    }


def _lasting(result: TrainingResult) -> TrainingResult:
    """Without what befell the cache, which is no fact of the model."""
    return replace(result, problems=tuple(each for each in result.problems if not each.kind.startswith("cache_")))


def _heard(
    needed: pd.DataFrame,
    encoders: Sequence[features.Encoder],
    asked: TrainingOptions,
    cache: str | Path | bool,
    engine: Engine | None,
    progress: Progress | None,
) -> Heard:
    """Features of the utterances, made here or by an engine's workers."""
    if engine is None:
        return hear(needed, encoders, seed=asked.seed, cache=open_cache(cache), progress=progress)
    from tonewise.pipeline.spreading_hearing import hear_spread

    return hear_spread(
        needed, encoders, asked.features, engine=engine, seed=asked.seed, raw=asked.raw, cache=cache, progress=progress
    )


def _known_voices(specs: Sequence[str], encoders: Sequence[features.Encoder], study: Study) -> Iterator[Problem]:
    """A problem for each encoder that was tuned on voices which are held out here: figures are flattered then."""
    held_out = set(bundle.fingerprints(study.groups[study.part != splits.TRAIN]))
    for spec, encoder in zip(specs, encoders, strict=True):
        known = held_out & set(getattr(encoder, "trained_groups", ()))
        if known:
            detail = (
                f"was tuned on {len(known)} of the {len(held_out)} held-out voices: the figures are flattered; train with "
                "the corpus, split and seed that it was tuned with"
            )
            yield Problem("known_voices", spec, detail, len(known))


def _study(rows: pd.DataFrame, heard: Heard, baseline: str) -> tuple[Study, features.Preparation]:
    kept = rows[heard.heard]
    columns = {name: kept[name].to_numpy() for name in ("label", "confidence", "words", "gold", "part", "groups")}
    prepared, preparation = features.prepare(
        heard.matrix[heard.heard], kept["voice"], baseline=baseline, training=columns["part"] == splits.TRAIN
    )
    study = Study(
        features=prepared,
        **columns,
        grouped_by=rows.attrs["grouped_by"],
        from_text=rows.attrs["from_text"],
        blocks=heard.blocks,
    )
    return study, preparation


def _result(
    output: str,
    labelled: LabelledCorpus,
    study: Study,
    asked: TrainingOptions,
    heard: Heard,
    left_out: int,
    judged: dict[str, Any],
    refinement: RefinementResult | None,
) -> TrainingResult:
    utterances = labelled.corpus.utterances
    return TrainingResult(
        model=output,
        corpus=labelled.corpus.source,
        layout=labelled.corpus.layout,
        utterances=len(utterances),
        recordings=utterances["recording"].nunique(),
        speakers=utterances["speaker"].nunique() or None,
        labelled=int(labelled.columns["label"].notna().sum()),
        coverage=labelled.summary.coverage,
        labels=labelled.summary,
        features=asked.features,
        dimensions=study.features.shape[1],
        classifier=asked.classifier,
        split=_split_summary(study, asked.split, left_out),
        seed=asked.seed,
        gold_column=asked.gold,
        seconds={},
        audio_seconds=heard.audio_seconds,
        cache={"hits": heard.hits, "misses": heard.misses},
        problems=(*labelled.problems, *heard.problems),
        versions=versions(asked.classifier),
        data_note=asked.note,
        baseline=asked.baseline,
        refinement=refinement,
        **judged,
    )


def _split_summary(study: Study, strategy: str, left_out: int) -> dict[str, Any]:
    import numpy as np

    labelled = labels.is_polar(study.label)
    parts = {}
    for part in splits.PARTS:
        here = labelled & (study.part == part)
        parts[part] = {
            "labelled": int(here.sum()),
            "positive": int((study.label[here] == labels.POSITIVE).sum()),
            "groups": len(np.unique(study.groups[here].astype(str))),
        }
    unused = {"left_out": left_out} if left_out else {}
    return {"strategy": strategy, "grouped_by": study.grouped_by, **unused, **parts}
