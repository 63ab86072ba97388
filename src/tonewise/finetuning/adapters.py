"""Which numbers of an encoder are learned: all of its blocks, LoRA's small matrices beside them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tonewise.errors import WeightsError
from tonewise.finetuning.settings import FULL, LORA

if TYPE_CHECKING:
    from tonewise.features.hub_network import SpeechNetwork

RANK = 8
ALPHA = 16  # what is learned counts ALPHA / RANK times

# Attention that hands its weights to torch instead of calling its layers: what LoRA adds to them would never be used.
_UNCALLED = frozenset({"WavLMAttention"})


def adapt(network: SpeechNetwork, tuning: str, seed: int) -> dict[str, Any]:
    """Prepare an encoder for learning.

    `full` leaves the convolutions as they are that turn sound into frames, as is usual with few labels.

    Returns:
        The parameters to be learned, by name; {} for `head`.

    Raises:
        WeightsError: the encoder has nothing that LoRA can be added to.
    """
    if tuning == LORA:
        _add_lora(network, seed)
    elif tuning == FULL:
        network.encoder.requires_grad_(True)
        for part in _frame_makers(network.encoder):
            part.requires_grad_(False)
    return {name: value for name, value in network.encoder.named_parameters() if value.requires_grad}


def merge(network: SpeechNetwork) -> None:
    """Put what LoRA has learned into the encoder's own weights; without LoRA, nothing is to be done."""
    for parent in list(network.encoder.modules()):
        for name, child in list(parent.named_children()):
            if hasattr(child, "base_layer"):
                child.merge(safe_merge=True)
                setattr(parent, name, child.base_layer)
    network.model.requires_grad_(False)


def _add_lora(network: SpeechNetwork, seed: int) -> None:
    import torch
    from peft import LoraConfig, inject_adapter_in_model

    targets = linear_layers(network.encoder)
    if not targets:
        raise WeightsError("the encoder's blocks have no linear layers for --lora; use --head or --full")
    with torch.random.fork_rng(enabled=True):
        torch.manual_seed(seed)
        inject_adapter_in_model(
            LoraConfig(r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=targets), network.encoder
        )


def linear_layers(encoder: Any) -> list[str]:
    """Names of all linear layers in the blocks (as QLoRA advises, Dettmers et al. 2023), in their order."""
    from torch import nn

    names = []
    for name, module in encoder.named_modules():
        inside = ".layers." in f".{name}."
        if inside and type(module).__name__ not in _UNCALLED:
            prefix = f"{name}." if name else ""
            names += [f"{prefix}{part}" for part, child in module.named_children() if isinstance(child, nn.Linear)]
    return names


def _frame_makers(encoder: Any) -> list[Any]:
    """Convolutions before the blocks, and positions that are not learned."""
    names = ("feature_extractor", "conv1", "conv2", "embed_positions")
    return [part for name in names if (part := getattr(encoder, name, None)) is not None]
