"""What a model card says to machines: the YAML that hubs read, after the Hugging Face hub's specification of model cards."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

from tonewise.records import Evaluation, TrainingResult
from tonewise.report import wording

#: The hub knows languages by ISO 639 codes of two or three letters.
_LANGUAGE = re.compile(r"[a-z]{2,3}")

#: Of the sentences. Fewer are as likely to be mistakes of the detector.
_LEAST_SHARE = 0.01

# Some readers show the head of a card as if it were its text.
_MARKUP = re.compile(r"[<>|`*\[\]#]")


def front_matter(result: TrainingResult) -> str:
    """YAML of a card's head, without its dashes: licence, languages, tags, and figures as a `model-index`.

    Figures that are not defined are left out, and so are languages that were hardly detected.
    """
    import yaml

    found: dict[str, Any] = {"license": "unknown", "library_name": "tonewise", "pipeline_tag": "audio-classification"}
    counted = result.labels.languages
    least = _LEAST_SHARE * sum(counted.values())
    languages = [name for name, n in counted.items() if n >= least and _LANGUAGE.fullmatch(name)]
    if languages:
        found["language"] = languages
    found["tags"] = [_plain(tag) for tag in _tags(result)]
    found["metrics"] = ["roc_auc"]
    results = [made for name, each in _evaluations(result) if (made := _result(result, name, each))]
    if results:
        found["model-index"] = [{"name": _plain(f"Tone of voice from {portable(result.corpus)}"), "results": results}]
    text: str = yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=1000)
    return text


def portable(path: str) -> str:
    """The last two parts of a path: enough to recognise it, and nothing of whose machine it was on."""
    return "/".join(PurePath(path).parts[-2:]).lstrip("/")


def _evaluations(result: TrainingResult) -> list[tuple[str, Evaluation]]:
    found = []
    if result.gold is not None:
        found.append((wording.gold_kind(result.gold_column), result.gold))
    if "test" in result.evaluations:
        kind = "weak labels made from words" if wording.from_words(result.labels) else "labels like those learned from"
        found.append((kind, result.evaluations["test"]))
    return found


def _result(result: TrainingResult, against: str, found: Evaluation) -> dict[str, Any] | None:
    """An entry of the hub's `model-index`; None where nothing is defined."""
    metrics = [_metric("roc_auc", f"ROC AUC (95 % {wording.interval_range(found.auc)})", found.auc.roc_auc)]
    metrics += [
        _metric("average_precision", "Average precision", found.pr_auc),
        _metric("balanced_accuracy", "Balanced accuracy", found.balanced_accuracy),
    ]
    defined = [each for each in metrics if each is not None]
    if found.auc.roc_auc is None or not defined:
        return None
    return {
        "task": {"type": "audio-classification", "name": "Positive or negative tone of voice"},
        "dataset": {
            "type": re.sub(r"[^a-z0-9-]+", "-", result.layout.lower()) or "corpus",
            "name": _plain(f"{portable(result.corpus)}: held-out voices, {against}"),
            "split": "test",
        },
        "metrics": defined,
    }


def _metric(kind: str, name: str, value: float | None) -> dict[str, Any] | None:
    return None if value is None else {"type": kind, "name": name, "value": round(value, 4)}


def _plain(text: str) -> str:
    """A text from the corpus as one line without marks."""
    return " ".join(_MARKUP.sub("", text).split())


def _tags(result: TrainingResult) -> list[str]:
    tags = ["audio", "speech", "speech-emotion-recognition", "tone-of-voice", "onnx"]
    if wording.from_words(result.labels):
        tags.append("weak-supervision")
    return [*tags, *result.features]
