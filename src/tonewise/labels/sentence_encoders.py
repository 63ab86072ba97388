"""Sentence encoders: texts to unit vectors, without torch where tonewise's own weights are used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from tonewise import weights
from tonewise.errors import MissingExtraError, OptionError, WeightsError
from tonewise.labels.network import locate, readable
from tonewise.records import Progress
from tonewise.weights import File, Weights, digest, hub
from tonewise.weights.known import Unavailable
from tonewise.weights.transformers_models import quiet

if TYPE_CHECKING:
    import numpy as np

BATCH = 64  # sentences of similar length
DIMENSIONS = 384  # of all-MiniLM-L6-v2
TOKENS = 128  # a sentence is cut after so many, as the model's own configuration does

REPORTED = 16 * BATCH  # sentences; how often an encoder of the hub tells how far it is

# Modules of sentence-transformers that bring weights of their own, in subfolders.
_WEIGHTED = frozenset({"Dense", "LayerNorm", "WeightedLayerPooling", "CNN", "LSTM"})


class SentenceEncoder(Protocol):
    """Texts to vectors of length 1, so that dot products are cosines."""

    @property
    def languages(self) -> frozenset[str] | None: ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """float32 `(n, d)`, a row a text."""
        ...

    def identity(self) -> dict[str, object]:
        """Everything that changes the vectors."""
        ...


@dataclass(frozen=True)
class MiniLmEncoder:
    """all-MiniLM-L6-v2 as int8 ONNX: mean of the last layer's tokens, scaled to length 1; 384 dimensions; English.

    Source: N. Reimers and I. Gurevych, "Sentence-BERT" (EMNLP 2019); W. Wang et al., "MiniLM" (2020). Apache-2.0.
    """

    weights_name: ClassVar[str] = "minilm-l6-int8"
    languages: ClassVar[frozenset[str] | None] = frozenset({"en"})

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """float32 `(n, 384)`; without padding, so that a vector does not depend on what is encoded beside it."""
        import numpy as np

        encodings = self._tokenizer.encode_batch(list(texts))
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        done = 0
        for rows in _equal_lengths([len(encoding.ids) for encoding in encodings]):
            ids = np.array([encodings[row].ids for row in rows], dtype=np.int64)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
            vectors[rows] = self._session.run(None, feed)[0].mean(axis=1)
            done += len(rows)
            if progress:
                progress("reading sentences", done, len(texts))
        unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit

    def identity(self) -> dict[str, object]:
        """The weights' checksum, and the versions of what computes."""
        from importlib.metadata import version

        checksum = weights.checksum(self.weights_name, "model.onnx")
        return {"encoder": self.weights_name, "weights": checksum, "onnxruntime": version("onnxruntime")}

    @cached_property
    def _tokenizer(self) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(weights.get(self.weights_name) / "tokenizer.json"))
        tokenizer.enable_truncation(TOKENS)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        return onnxruntime.InferenceSession(
            str(weights.get(self.weights_name) / "model.onnx"), providers=["CPUExecutionProvider"]
        )


def _equal_lengths(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows in batches of equal length, at most `BATCH` each."""
    by_length: dict[int, list[int]] = {}
    for row, length in enumerate(lengths):
        by_length.setdefault(length, []).append(row)
    for rows in by_length.values():
        for start in range(0, len(rows), BATCH):
            yield rows[start : start + BATCH]


@dataclass(frozen=True)
class HubSentenceEncoder:
    """Any sentence encoder of the Hugging Face hub (or a local folder), through sentence-transformers.

    Which languages it reads is the user's to know: it is shown all of them. Only safetensors weights are read, and no
    code of a model's own is run.
    """

    model_id: str
    languages: ClassVar[frozenset[str] | None] = None

    def __post_init__(self) -> None:
        if not self.model_id.strip():
            raise OptionError("a sentence encoder has no name; expected OWNER/NAME of the hub or a folder")

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> np.ndarray:
        """float32 `(n, d)`.

        Raises:
            OptionError: there is no such model.
            MissingExtraError: the extra `hub` (torch, sentence-transformers) is not installed.
            WeightsError: the model cannot be fetched or loaded, or does not answer with numbers.
        """
        import numpy as np

        parts = []
        for start in range(0, len(texts), REPORTED):
            parts.append(self._encoded(texts[start : start + REPORTED]))
            if progress:
                progress("reading sentences", min(start + REPORTED, len(texts)), len(texts))
        found = np.concatenate(parts) if parts else np.zeros((0, 1), dtype=np.float32)
        if not np.isfinite(found).all():
            # A score that is not a number would be taken for a negative one.
            raise WeightsError(f"sentence encoder '{self.model_id}' answers with what is not a number; choose another")
        return found

    def identity(self) -> dict[str, object]:
        """The model's name, checksums of its files, and the versions of what computes."""
        _require(self.model_id)
        from importlib.metadata import version

        return {
            "encoder": hub.shown_name(self.model_id),
            "files": _checksums(_folder_of(self.model_id)),
            **{library: version(library) for library in ("sentence-transformers", "transformers", "torch")},
        }

    def _encoded(self, texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        try:
            vectors = self._model.encode(
                list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
            )
        except IndexError as error:
            raise WeightsError(
                f"sentence encoder '{self.model_id}' has a tokenizer of another model; give the folder whose files all fit"
            ) from error
        return np.asarray(vectors, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        _require(self.model_id)
        import torch
        from sentence_transformers import SentenceTransformer

        folder = _folder_of(self.model_id)
        with quiet(), readable(self.model_id):
            return SentenceTransformer(
                str(folder),
                device="cpu",
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs={"use_safetensors": True, "dtype": torch.float32},
            )


def _require(model_id: str) -> None:
    try:
        import sentence_transformers  # noqa: F401
    except ImportError as missing:
        raise MissingExtraError(f"sentence encoder '{model_id}'", "hub") from missing


def _folder_of(model_id: str) -> Path:
    """The folder of an encoder's files, of which none can run code."""
    folder = locate(model_id)
    modules = _modules(folder, model_id)
    for kind, _ in modules:
        if not kind.startswith("sentence_transformers."):
            raise WeightsError(
                f"model '{model_id}' brings code of its own ({kind}), which is never run; choose another"
            )
    weighted = [path for kind, path in modules if path and kind.rpartition(".")[2] in _WEIGHTED]
    absent = [path for path in weighted if not (folder / path / "model.safetensors").is_file()]
    if absent and hub.local(model_id) is None:
        folder = _fetched(model_id, absent)
    elif absent:
        raise WeightsError(
            f"model '{model_id}' has no {absent[0]}/model.safetensors; pickled weights are refused, since loading them can "
            "run code: choose another model, or save it again with sentence-transformers"
        )
    return folder


def _fetched(model_id: str, modules: Sequence[str]) -> Path:
    """The hub's snapshot, with the weights of modules in subfolders, which other text models do not have."""
    files = tuple(File(f"{path}/model.safetensors") for path in modules)
    try:
        return hub.find(Weights(model_id, files, "that of the model", hub=model_id), online=True)
    except Unavailable as reason:
        raise WeightsError(
            f"model '{model_id}' lacks {files[0].name} (safetensors only), and it cannot be fetched: {reason}. Connect to "
            "the internet once, or give a folder with its files"
        ) from reason


def _modules(folder: Path, model_id: str) -> list[tuple[str, str]]:
    """Class and subfolder of each step of an encoder; none for a plain model of transformers."""
    file = folder / "modules.json"
    if not file.is_file():
        return []
    try:
        return [(str(module["type"]), str(module["path"])) for module in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise WeightsError(
            f"model '{model_id}' has an ill-formed modules.json; expected what sentence-transformers saves"
        ) from error


def _checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each file that makes the vectors, by its path in the folder."""
    kinds = ("*.json", "*.txt", "*.model", "*.safetensors")
    found = {file for kind in kinds for depth in ("", "*/") for file in folder.glob(depth + kind)}
    return {file.relative_to(folder).as_posix(): digest(file) for file in sorted(found)}
