"""A text classifier of `transformers`: where its files are, and what it answers. safetensors only, no code of others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import MissingExtraError, WeightsError
from tonewise.weights import digest, hub, transformers_models
from tonewise.weights.transformers_models import quiet

if TYPE_CHECKING:
    import numpy as np

BATCH = 32  # texts at once; the result of a text does not depend on its batch beyond rounding

# What is taken from the hub and what makes a folder's checksums. No pickled weights (*.bin): loading them can run code.
_WEIGHTS = "model*.safetensors"
_FILES = (_WEIGHTS, "*.json", "*.txt", "*.model")
_KIND = hub.Kind("model", _WEIGHTS, _FILES, "config.json and model.safetensors")


class Network:
    """A loaded model and its tokenizer, for evaluation on the processor."""

    def __init__(self, folder: Path, model_id: str) -> None:
        """Load what `locate` found.

        Raises:
            WeightsError: the files cannot be loaded, do not fit together, or hold no trained classifier.
        """
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        with quiet(), readable(model_id):
            self._tokenizer = AutoTokenizer.from_pretrained(folder, **options)
            self._model, report = AutoModelForSequenceClassification.from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **options
            )
        self._model.eval()
        self._whose = f"model '{model_id}'"
        self._check(report)

    def _check(self, report: Mapping[str, Any]) -> None:
        untrained = sorted(map(str, [*report["missing_keys"], *report["mismatched_keys"]]))
        if untrained:
            # transformers fills such layers with random numbers, and with them come random labels.
            raise WeightsError(
                f"{self._whose} is no trained classifier: its weights lack {untrained[0]}; expected one that was "
                "fine-tuned to classify text or to tell entailment"
            )
        if len(self._tokenizer) > self._model.get_input_embeddings().num_embeddings:
            raise WeightsError(f"{self._whose} has a tokenizer of another model; give the folder whose files all fit")

    def logits(self, pairs: Sequence[tuple[str, str | None]], report: Callable[[int], None]) -> np.ndarray:
        """Outputs, float64 `(n_pairs, n_labels)`, of texts that have a hypothesis beside them or not.

        Texts of like length share a batch, so that little padding is computed. `report` is told how many are done.
        """
        import numpy as np

        order = sorted(range(len(pairs)), key=lambda number: len(pairs[number][0]))
        size = BATCH if self._tokenizer.pad_token is not None else 1
        rows = []
        for start in range(0, len(order), size):
            report(start)
            rows.append(self._batch([pairs[number] for number in order[start : start + size]]))
        report(len(order))
        found = np.concatenate(rows).astype(np.float64)
        if not np.isfinite(found).all():
            raise WeightsError(f"{self._whose} answers with what is not a number; choose another one")
        return found[np.argsort(order)]

    def _batch(self, pairs: Sequence[tuple[str, str | None]]) -> np.ndarray:
        import torch

        texts = [text for text, _ in pairs]
        hypotheses = [hypothesis for _, hypothesis in pairs if hypothesis is not None]
        # Of a pair only the text is cut: without its end the hypothesis would ask nothing.
        inputs = self._tokenizer(
            texts,
            hypotheses or None,
            truncation="only_first",
            max_length=self._limit,
            padding=len(texts) > 1,
            return_tensors="pt",
        )
        with torch.inference_mode():
            logits: np.ndarray = self._model(**inputs).logits.numpy()
            return logits

    @cached_property
    def _limit(self) -> int:
        """Tokens that the model takes: what its tokenizer says, and never more than it has positions.

        Two positions are left free: RoBERTa's numbering starts at two, and its tokenizer does not always say so.
        """
        positions = getattr(self._model.config, "max_position_embeddings", None) or 514
        longest: int = min(self._tokenizer.model_max_length, positions - 2)
        return longest


def require() -> None:
    """Raise `MissingExtraError` unless torch and transformers are installed."""
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError as missing:
        raise MissingExtraError("the labeller hub", "hub") from missing


def configuration(folder: Path, model_id: str) -> Any:
    """The model's configuration, which names its labels; reads no weights."""
    from transformers import AutoConfig

    with quiet(), readable(model_id):
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each of a model's files, by name."""
    return {file.name: digest(file) for file in sorted({file for kind in _FILES for file in folder.glob(kind)})}


def locate(model_id: str) -> Path:
    """The folder of a model's files: the user's own, the hub's cache, or fetched from the hub into its cache.

    Raises:
        OptionError: there is no such folder and no such model.
        WeightsError: the model cannot be fetched, or has no safetensors weights.
    """
    folder = hub.locate(model_id, _KIND)
    if not any(folder.glob(_WEIGHTS)):
        raise WeightsError(
            f"model '{model_id}' has no {_WEIGHTS}; pickled weights are refused, since loading them can run code: "
            "choose another model, or convert it with transformers' save_pretrained"
        )
    return folder


def readable(model: str) -> contextlib.AbstractContextManager[None]:
    """transformers' own ways of refusing a folder's files, in one line."""
    return transformers_models.readable(
        f"model '{model}'",
        "a text model that transformers loads without code of its own",
    )
