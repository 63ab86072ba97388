"""Where the files of a speech encoder of the hub are, and what they are. safetensors only, no code of others."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

from tonewise.errors import MissingExtraError, WeightsError
from tonewise.weights import digest, hub, transformers_models
from tonewise.weights.transformers_models import quiet

#: What fine-tuning leaves beside the weights: how layers were weighed and frames attended to (`hub_head`).
HEAD = "tonewise_head.safetensors"

#: Its account of how that came to be.
FACTS = "finetuning.json"

WEIGHTS = "model*.safetensors"

# How sound enters: transformers 5 may keep it in the second one. What is computed depends on these and on the weights.
_EARS = ("preprocessor_config.json", "processor_config.json")
_FILES = (WEIGHTS, "config.json", *_EARS)

# No pickled weights (*.bin): loading them can run code. The index is of weights in several files.
_KIND = hub.Kind(
    "speech encoder",
    WEIGHTS,
    (*_FILES, "model.safetensors.index.json", HEAD, FACTS),
    "model.safetensors, config.json, preprocessor_config.json",
)


def require(what: str = "features hub", extra: str = "hub") -> None:
    """Raise `MissingExtraError` unless torch, transformers and safetensors are installed; imports none of them."""
    for library in ("torch", "transformers", "safetensors"):
        if importlib.util.find_spec(library) is None:
            raise MissingExtraError(what, extra)


def locate(model: str, revision: str | None = None) -> Path:
    """The folder of an encoder's files: the user's own, the hub's cache, or fetched from the hub into its cache.

    Raises:
        OptionError: there is no such folder, model or revision.
        WeightsError: the model cannot be fetched, or has no safetensors weights, or is no speech encoder.
    """
    if hub.local(model) is None:
        require()
    folder = hub.locate(model, _KIND, revision)
    if not any(folder.glob(WEIGHTS)):
        raise WeightsError(
            f"speech encoder '{model}' has no {WEIGHTS}; pickled weights are refused, since loading them can run code: "
            "name a revision that has them (many models have one at refs/pr/N: hub:OWNER/NAME@refs/pr/N), or convert it "
            "with transformers' save_pretrained"
        )
    if not any((folder / name).is_file() for name in _EARS):
        raise WeightsError(
            f"'{model}' is no speech encoder: it has no {_EARS[0]}, which says how sound enters it; choose one such as "
            "wav2vec2, HuBERT, WavLM or Whisper"
        )
    return folder


def checksum(folder: Path, *, head: bool = False) -> str:
    """One SHA-256 of all files that make an encoder's numbers, with what fine-tuning learned of layers if `head`."""
    names = sorted({file for kind in (*_FILES, *([HEAD] if head else [])) for file in folder.glob(kind)})
    return hashlib.sha256("\n".join(f"{file.name} {digest(file)}" for file in names).encode()).hexdigest()


def facts(folder: Path) -> dict[str, Any]:
    """What fine-tuning says of the encoder it left in a folder; {} where there is nothing of the kind that can be read."""
    try:
        found = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def configuration(folder: Path, model: str) -> Any:
    """The encoder's configuration; reads no weights.

    Raises:
        WeightsError: it is no configuration that transformers knows without code of others.
    """
    from transformers import AutoConfig

    with quiet(), readable(model):
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def readable(model: str) -> contextlib.AbstractContextManager[None]:
    """transformers' own ways of refusing a folder's files, in one line."""
    return transformers_models.readable(
        f"speech encoder '{model}'",
        "one that transformers loads without code of its own, such as wav2vec2, HuBERT, WavLM or Whisper",
    )
