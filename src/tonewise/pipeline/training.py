"""Train a model of how speech sounds, from what it says, and judge it on voices it has not heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import bundle, features, labels, models, report, splits
from tonewise.evaluation.audit import AuditFindings
from tonewise.pipeline.hearing import Heard, create_encoders, hear, open_cache
from tonewise.pipeline.labelling import LabelledCorpus, label_corpus, words_scores
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.pictures import spectrograms
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.saving import save
from tonewise.pipeline.scoring_scale import calibrate, calibrated
from tonewise.pipeline.stopwatch import Stopwatch
from tonewise.pipeline.study import Study, require_two_classes
from tonewise.pipeline.training_audit import audit_training
from tonewise.pipeline.versions import versions
from tonewise.pipeline.voices import voices
from tonewise.records import Evaluation, Problem, Progress, TrainingResult
from tonewise.tables import write_text

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_MODEL = "tonewise-model"


def train(
    corpora: str | Path | Sequence[str | Path],
    output: str | Path = DEFAULT_MODEL,
    *,
    report_file: str | Path | None = None,
    cache: str | Path | bool = True,
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
        cache: True = the user's feature cache, False = none, a path = that folder.
        progress: called as `progress(stage, done, total)`.
        **options: fields of `TrainingOptions`: `labels` (a labeller's name or a column), `threshold` (0..1), `features`
            (names), `classifier`, `split` (speaker or random), `gold` (a column), `seed`, `jobs`, `note` (one sentence
            on what the corpus is, kept in the model card), `baseline` (`none`, or `speaker`: features as differences from
            how that speaker usually sounds), `audit` (train anew with voices and words held out, and say
            whether tone is heard or words are read), `refine` (let the voice correct the words' labels),
            `prototypes`, `poles`, `endpoint`, `context` (see `label`), `raw` (what recordings without a header hold,
            `ENCODING:RATE[:CHANNELS]`).

    Returns:
        Everything that the run has to tell.

    Raises:
        InputError: the corpus or the options do not allow it; the message says what to change.
        WeightsError: pretrained weights cannot be had.
    """
    asked = TrainingOptions.of(options)
    bundle.check_target(output)
    watch = Stopwatch()
    labelled, rows = _labelled(corpora, asked, watch, progress)
    utterances = labelled.corpus.utterances
    with watch.stage("features"):
        encoders = create_encoders(asked.features, progress)
        needed = utterances.loc[rows.index]
        heard = hear(needed, encoders, seed=asked.seed, cache=open_cache(cache), progress=progress)
    study, preparation = _study(rows, heard, asked.baseline)
    heard = replace(heard, problems=(*heard.problems, *_known_voices(asked.features, encoders, study)))
    learned, refinement = study, None
    if asked.refine:
        with watch.stage("refine"):
            learned, refinement = study.refined(labelled.policy.reliability, seed=asked.seed, progress=progress)
    with watch.stage("fit"):
        classifier = models.to_onnx(
            learned.fit(asked.classifier, seed=asked.seed, jobs=asked.jobs), heard.matrix.shape[1]
        )
    with watch.stage("evaluate"):
        # What is judged is what is shipped: the ONNX form, not the object that was fitted.
        scores = models.OnnxClassifier(classifier).positive(study.features)
        calibration = calibrate(study, scores)
        scores = calibrated(calibration, scores)
        evaluations = {part: study.judge(scores, part, seed=asked.seed) for part in (splits.VALID, splits.TEST)}
        gold = study.judge_gold(scores, seed=asked.seed) if asked.gold else None
        reliability = study.reliability(scores, seed=asked.seed)
    result = _result(str(output), labelled, study, asked, evaluations, gold, heard, rows.attrs["left_out"], watch)
    findings: tuple[AuditFindings, ...] = ()
    if asked.audit:
        with watch.stage("audit"):
            findings, told = audit_training(needed, rows, heard, asked, progress)
        result = replace(result, problems=(*result.problems, *told))
    result = replace(
        result,
        refinement=refinement,
        reliability=reliability,
        audit=findings,
        seconds={**watch.seconds, "total": watch.total},
    )
    save(result, classifier, encoders, preparation, study, asked, labelled.policy, scores, calibration)
    if report_file is not None:
        shown = spectrograms(utterances, labelled.columns["label"], seed=asked.seed)
        write_text(report.training_report(result, spectrograms=shown), Path(report_file))
    return result


def _labelled(
    corpora: str | Path | Sequence[str | Path], asked: TrainingOptions, watch: Stopwatch, progress: Progress | None
) -> tuple[LabelledCorpus, pd.DataFrame]:
    """The utterances that can be heard with their labels, and what is known of those that must be."""
    with watch.stage("read"):
        corpus = audible(
            read_corpora(corpora, raw=asked.raw, transcript_format=asked.transcript_format, progress=progress),
            jobs=asked.jobs,
            progress=progress,
        )
        groups, grouped_by = splits.speaker_groups(corpus.utterances)
        parts = splits.split(groups, asked.split, seed=asked.seed, contents=_contents(corpus.utterances, asked.split))
    with watch.stage("label"):
        labelled = label_corpus(corpus, asked.request, parts=parts, progress=progress)
        require_two_classes(labelled.columns["label"], corpus.source)
        rows = _rows(labelled, asked, parts)
    rows["groups"], rows["voice"] = groups, voices(corpus.utterances)
    rows.attrs.update(grouped_by=grouped_by, from_text=asked.request.from_text, left_out=int(parts.isna().sum()))
    return labelled, rows[_needed(rows, asked)]


def _contents(utterances: pd.DataFrame, strategy: str) -> pd.Series | None:
    """What a split must not share between training and test, where it looks at what is said."""
    if strategy != "lexical":
        return None
    languages = labels.detect_languages(utterances["text"], utterances["recording"])
    return splits.contents(utterances, labels.sentiment_words(utterances["text"], languages))


def _rows(labelled: LabelledCorpus, asked: TrainingOptions, parts: pd.Series) -> pd.DataFrame:
    """What is known of each row."""
    import pandas as pd

    utterances, columns = labelled.corpus.utterances, labelled.columns
    return pd.DataFrame(
        {
            "label": columns["label"],
            "confidence": columns["confidence"],
            # Labels of a column are not made from the words, which are then a baseline for them, too.
            "words": columns["score"]
            if asked.request.from_text
            else words_scores(utterances, labels.create("lexicon")),
            "gold": labels.polarity_column(utterances, asked.gold) if asked.gold else None,
            "part": parts,
        },
        index=utterances.index,
    )


def _needed(rows: pd.DataFrame, asked: TrainingOptions) -> pd.Series:
    """Which rows must be heard: labelled ones, those of the test split with gold, and what refining may label."""
    if asked.baseline != features.NO_BASELINE:  # how a speaker usually sounds is to be heard whatever was said
        return rows["part"].notna()
    needed = rows["label"].notna() | (labels.is_polar(rows["gold"].to_numpy()) & (rows["part"] == splits.TEST))
    if asked.refine:
        needed |= rows["words"].notna() & (rows["part"] == splits.TRAIN)
    return needed & rows["part"].notna()


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
    evaluations: dict[str, Evaluation],
    gold: Evaluation | None,
    heard: Heard,
    left_out: int,
    watch: Stopwatch,
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
        evaluations=evaluations,
        gold=gold,
        gold_column=asked.gold,
        seconds=watch.seconds,
        audio_seconds=heard.audio_seconds,
        cache={"hits": heard.hits, "misses": heard.misses},
        problems=(*labelled.problems, *heard.problems),
        versions=versions(asked.classifier),
        data_note=asked.note,
        baseline=asked.baseline,
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
