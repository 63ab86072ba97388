"""How fine-tuning turns the states of all layers into one vector: weighed layers, frames that are attended to.

Functions of a dictionary of tensors, so that the same few lines serve training and hearing:

- `layers` `(n_layers + 1,)`: softmax gives each layer's share, after Yang et al., "SUPERB" (Interspeech 2021). States are
  normalised first, since later layers are often larger by orders of magnitude;
- `hidden.weight` `(64, width)`, `hidden.bias` `(64,)`, `attention` `(64,)`: attentive statistics pooling, after Okabe,
  Koshinaka and Shinoda, "Attentive Statistics Pooling for Deep Speaker Embedding" (Interspeech 2018);
- `centre`, `scale` `(2 * width,)`: of the vectors before training; `output.weight` `(2 * width,)`, `output.bias` `()`: the
  logit of a positive tone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tonewise.errors import WeightsError
from tonewise.features.hub_files import HEAD

HIDDEN = 64  # of the attention; 128 in the paper, for ten times the speakers that weak labels have
_LEAST_VARIANCE = 1e-6  # beneath a root: its slope at 0 is infinite

#: What is learned; `centre` and `scale` are measured.
LEARNED = ("layers", "hidden.weight", "hidden.bias", "attention", "output.weight", "output.bias")


def new_head(layers: int, width: int, seed: int) -> dict[str, Any]:
    """A head that weighs all layers and frames alike and knows nothing yet: its vectors are plain means and deviations."""
    import torch

    random = torch.Generator().manual_seed(seed)
    bound = width**-0.5
    return {
        "layers": torch.zeros(layers + 1),
        "hidden.weight": (2 * torch.rand(HIDDEN, width, generator=random) - 1) * bound,
        "hidden.bias": torch.zeros(HIDDEN),
        "attention": torch.zeros(HIDDEN),
        "centre": torch.zeros(2 * width),
        "scale": torch.ones(2 * width),
        "output.weight": torch.zeros(2 * width),
        "output.bias": torch.zeros(()),
    }


def pool(states: Sequence[Any], head: Mapping[str, Any]) -> Any:
    """Vectors `(n, 2 * width)` of states `(n, n_frames, width)`, one tensor a layer: means, then deviations."""
    import torch
    from torch.nn.functional import layer_norm

    share = torch.softmax(head["layers"], dim=0)
    mixed = sum(part * layer_norm(state.float(), state.shape[-1:]) for part, state in zip(share, states, strict=True))
    scores = torch.tanh(mixed @ head["hidden.weight"].T + head["hidden.bias"]) @ head["attention"]
    attended = torch.softmax(scores, dim=1).unsqueeze(-1)
    mean = (attended * mixed).sum(dim=1)
    variance = (attended * (mixed - mean.unsqueeze(1)) ** 2).sum(dim=1)
    return torch.cat([mean, torch.sqrt(variance + _LEAST_VARIANCE)], dim=-1)


def logits(vectors: Any, head: Mapping[str, Any], kept: Any = 1.0) -> Any:
    """Logits `(n,)` of a positive tone, of vectors `(n, 2 * width)`; `kept` is what dropout multiplies them with."""
    return ((vectors - head["centre"]) / head["scale"] * kept) @ head["output.weight"] + head["output.bias"]


def save_head(head: Mapping[str, Any], folder: Path) -> None:
    """Write the head beside the encoder's weights."""
    from safetensors.torch import save_file

    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in head.items()}, folder / HEAD)


def load_head(folder: Path, layers: int, width: int, model_id: str) -> dict[str, Any]:
    """The head in `folder`.

    Raises:
        WeightsError: it is damaged, or of another encoder.
    """
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        found = load_file(folder / HEAD)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"{HEAD} of '{model_id}' is damaged; copy the folder again, or fine-tune again") from error
    expected = {name: (tensor.shape, tensor.dtype) for name, tensor in new_head(layers, width, 0).items()}
    fits = {name: (tensor.shape, tensor.dtype) for name, tensor in found.items()} == expected
    if not fits or not all(torch.isfinite(tensor).all() for tensor in found.values()):
        raise WeightsError(f"{HEAD} of '{model_id}' is of another encoder; give the folder whose files all fit")
    return found
