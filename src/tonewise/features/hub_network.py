"""A speech encoder of transformers as a function: sounds of one length in, the states of every layer out, no padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import OptionError, WeightsError
from tonewise.features.hub_files import configuration, readable
from tonewise.records import SAMPLE_RATE
from tonewise.weights.transformers_models import quiet

if TYPE_CHECKING:
    import numpy as np

#: Longest sound that is heard in one piece, unless the encoder has fewer positions: the memory of attention grows with the
#: square of it. Seconds.
WINDOW_SECONDS = 30.0

# What an encoder of sound does without: Whisper's decoder, and the vector that masks frames in pretraining.
_UNUSED = ("decoder.", "masked_spec_embed")


class SpeechNetwork:
    """A loaded encoder, in evaluation mode: no dropout, no masks, so that what is tuned is what is heard later.

    Attributes:
        model: all of it, as transformers loads it.
        encoder: the part that hears.
        ears: transformers' feature extractor, from samples to what the encoder takes.
        layers: how many blocks there are; it has `layers + 1` states, counted from 0 = what enters the first block.
        width: of a state.
        device: of torch.
    """

    def __init__(self, folder: Path, model_id: str, *, device: str = "cpu", depth: int | None = None) -> None:
        """Load what `locate` found.

        Args:
            folder: the files.
            model_id: what people call it.
            device: of torch.
            depth: states from 0 to this one are wanted, the blocks that only later ones need are left out; None = all.

        Raises:
            WeightsError: the files cannot be loaded, lack weights, or are no speech encoder.
        """
        import torch
        from transformers import AutoFeatureExtractor, AutoModel

        options: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
        config = configuration(folder, model_id)
        self.layers, self.width = shape(config, model_id)
        # What a file lacks and nothing needs, transformers draws: alike each time, and from nobody else's random numbers.
        with quiet(), readable(model_id), torch.random.fork_rng(devices=()):
            torch.manual_seed(0)
            self.ears = AutoFeatureExtractor.from_pretrained(folder, **options)
            self.model, report = AutoModel.from_pretrained(
                folder, use_safetensors=True, dtype=torch.float32, output_loading_info=True, **options
            )
        self._whose = f"speech encoder '{model_id}'"
        self.encoder = self.model.get_encoder() if config.is_encoder_decoder else self.model
        self._check(report)
        self.model.eval().to(device)
        self.model.requires_grad_(False)
        self.device = device
        # Whisper alone has positions of its own, and takes no window of another length.
        self._positions: int | None = config.max_source_positions if config.model_type == "whisper" else None
        self._cut(depth)

    @property
    def window_seconds(self) -> float:
        """Longest sound that the encoder takes in one piece, seconds."""
        return WINDOW_SECONDS if self._positions is None else self._positions * self._step_seconds

    def states(self, sounds: Sequence[np.ndarray]) -> list[Any]:
        """States of each layer, tensors `(n_sounds, n_frames, width)`: only frames that stand for the sounds.

        Args:
            sounds: float32 `(n_samples,)` each, 16 kHz, all of the same length and at most `window_seconds` long.

        Nothing is padded, and so nothing must be masked, but for Whisper: it was trained on windows of a fixed length, zeros
        after the sound; the states of the zeros are cut off.
        """
        feed = {name: value.to(self.device) for name, value in self._inputs(sounds).items()}
        found = self.encoder(**feed, output_hidden_states=True).hidden_states
        frames = self._frames(len(sounds[0]), feed, found[0].shape[1])
        return [state[:, :frames] for state in found]

    @property
    def _step_seconds(self) -> float:
        """Seconds that one state of Whisper stands for: two frames of its spectrogram."""
        seconds: float = 2 * self.ears.hop_length / self.ears.sampling_rate
        return seconds

    def _inputs(self, sounds: Sequence[np.ndarray]) -> Mapping[str, Any]:
        options: dict[str, Any] = {"sampling_rate": SAMPLE_RATE, "return_tensors": "pt"}
        if self._positions is not None:
            window = round(self._positions * self._step_seconds * SAMPLE_RATE)
            options |= {"padding": "max_length", "max_length": window, "truncation": True}
        found: Mapping[str, Any] = self.ears([sound.copy() for sound in sounds], **options)
        if "input_values" not in found:
            return found
        if found["input_values"].ndim != 2:
            raise WeightsError(
                f"{self._whose} takes pictures of sound rather than sound; choose one such as wav2vec2, HuBERT, WavLM or "
                "Whisper"
            )
        # A mask is of no use where nothing is padded, and some encoders were trained without one.
        return {"input_values": found["input_values"]}

    def _frames(self, samples: int, feed: Mapping[str, Any], states: int) -> int:
        """How many of the first states stand for the sound."""
        if self._positions is not None:
            return min(-(-samples // round(self._step_seconds * SAMPLE_RATE)), states)
        mask = feed.get("attention_mask")  # of spectra, whose number is made even
        return states if mask is None else max(int(mask[0].sum()), 1)

    def _check(self, report: Mapping[str, Any]) -> None:
        if getattr(self.encoder, "main_input_name", None) not in ("input_values", "input_features"):
            raise WeightsError(
                f"{self._whose} does not take sound; choose one such as wav2vec2, HuBERT, WavLM or Whisper"
            )
        if getattr(self.ears, "sampling_rate", None) != SAMPLE_RATE:
            raise WeightsError(f"{self._whose} does not take sound at {SAMPLE_RATE} Hz; choose another one")
        absent = [str(key) for key in [*report["missing_keys"], *report["mismatched_keys"]]]
        needed = sorted(key for key in absent if not any(part in key for part in _UNUSED))
        if needed:
            # transformers fills such layers with random numbers.
            raise WeightsError(f"{self._whose} is incomplete: its weights lack {needed[0]}; copy or fetch it again")

    def _cut(self, depth: int | None) -> None:
        """Leave out the blocks that lead to later states. One more is kept: some encoders normalise their last state."""
        blocks = getattr(getattr(self.encoder, "encoder", self.encoder), "layers", None)
        if depth is not None and blocks is not None and len(blocks) == self.layers:
            del blocks[depth + 1 :]


def shape(config: Any, model_id: str) -> tuple[int, int]:
    """How many blocks an encoder of this configuration has, and the width of their states.

    Raises:
        WeightsError: it does not say.
    """
    layers, width = getattr(config, "num_hidden_layers", None), getattr(config, "hidden_size", None)
    if not isinstance(layers, int) or not isinstance(width, int) or layers < 1:
        raise WeightsError(
            f"'{model_id}' is no speech encoder of layers ({config.model_type}); choose one such as wav2vec2, HuBERT, WavLM "
            "or Whisper"
        )
    return layers, width


def best_device() -> str:
    """`cuda` where torch can use a GPU, else `cpu`."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def check_layers(layers: Sequence[int], available: int, model_id: str) -> None:
    """Refuse layers that an encoder of `available` blocks does not have.

    Raises:
        OptionError: naming those there are.
    """
    beyond = [layer for layer in layers if layer > available]
    if beyond:
        raise OptionError(
            f"speech encoder '{model_id}' has no layer {beyond[0]}; choose from 0 (before the first block) to {available} "
            "(after the last one)"
        )
