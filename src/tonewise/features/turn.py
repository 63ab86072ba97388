"""An ear for intonation: early and middle layers of smart-turn, a small Whisper that was tuned to hear turns end."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tonewise import weights
from tonewise.errors import OptionError
from tonewise.features.base import JSON, library
from tonewise.features.pooling import Pool, windows
from tonewise.features.threads import each
from tonewise.features.whisper_mel import FRAMES_A_STEP, HOP, whisper_log_mel
from tonewise.records import SAMPLE_RATE, Progress

if TYPE_CHECKING:
    import numpy as np

WEIGHTS = "smart-turn-v3.2"
WINDOW_SECONDS = 8.0
WINDOW = round(WINDOW_SECONDS * SAMPLE_RATE)  # samples
STEP = HOP * FRAMES_A_STEP  # samples that one state of the encoder stands for: 20 ms
WIDTH = 384  # of a state
N_LAYERS = 5  # 0 = what enters the first of four blocks, 4 = what leaves the last one
VARIANCE_FLOOR = 1e-7  # added before a window is divided by its deviation, as the model was trained


@dataclass(frozen=True)
class Turn:
    """Mean and standard deviation over time of the residual stream of smart-turn v3.2's encoder.

    The sound lies at the end of a window of 8 s with zeros before it, and the window is brought to mean 0 and variance
    1, as the model was trained; only states that stand for the clip itself are pooled. Tone lives in the early layers,
    words and turns in the late ones.

    Attributes:
        layers: which inputs of the blocks to take, from 0 (before the first) to 4 (after the last).
    """

    layers: tuple[int, ...] = (0, 1, 2)

    name: ClassVar[str] = "turn"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    clip_seconds: ClassVar[float | None] = None

    @classmethod
    def parse(cls, argument: str) -> Self:
        """`turn`, or `turn:LAYER+LAYER`.

        Raises:
            OptionError: there are no such layers.
        """
        if not argument:
            return cls()
        known = [str(layer) for layer in range(N_LAYERS)]
        asked = argument.split("+")
        if not set(asked) <= set(known) or len(set(asked)) < len(asked):
            raise OptionError(
                f"unknown layers of turn '{argument}'; choose from {', '.join(known)}, joined as in 0+1+2"
            )
        return cls(tuple(sorted(map(int, asked))))

    @property
    def dimensions(self) -> int:
        """768 a layer."""
        return 2 * WIDTH * len(self.layers)

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch the model; see `tonewise.weights.get`."""
        weights.get(WEIGHTS, progress=progress)

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers."""
        return {
            "name": self.name,
            "version": self.version,
            "layers": list(self.layers),
            "weights": weights.checksum(WEIGHTS, f"{WEIGHTS}-cpu.onnx"),
            "onnxruntime": library("onnxruntime"),
            "faster-whisper": library("faster-whisper"),
        }

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, 768 * n_layers)`: a layer's means, its deviations, the next layer's.

        Clips of more than 8 s are cut into equal windows.
        """
        session = _session(weights.get(WEIGHTS), self.layers)
        return each(functools.partial(_encode, session), clips)


def _encode(session: Any, samples: np.ndarray) -> np.ndarray:
    import numpy as np

    pools = [Pool() for _ in session.get_outputs()]
    for window in windows(samples, WINDOW_SECONDS):
        steps = -(-len(window) // STEP)
        layers = session.run(None, {"input_features": turn_log_mel(window)[np.newaxis]})
        for pool, states in zip(pools, layers, strict=True):
            pool.add(states[0, -steps:])
    return np.concatenate([pool.vector() for pool in pools])


def turn_log_mel(samples: np.ndarray) -> np.ndarray:
    """What the model hears of at most 8 s of sound: float32 `(80, 800)`, the sound at the end."""
    import numpy as np

    window = np.zeros(WINDOW, dtype=np.float32)
    window[WINDOW - len(samples) :] = samples
    return whisper_log_mel((window - window.mean()) / np.sqrt(window.var() + VARIANCE_FLOOR))


@functools.lru_cache(maxsize=4)
def _session(path: Path, layers: tuple[int, ...]) -> Any:
    """The part of the model that leads to `layers`, which become its outputs.

    One thread a run: clips run side by side, which is as fast and leaves no thread spinning between runs.
    """
    import onnx
    import onnxruntime
    from onnx.utils import Extractor

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = onnx.load(path)
    streams = residual_streams(model)
    part = Extractor(model).extract_model(["input_features"], [streams[layer] for layer in layers])
    return onnxruntime.InferenceSession(part.SerializeToString(), options, providers=["CPUExecutionProvider"])


def residual_streams(model: Any) -> dict[int, str]:
    """Names of the tensors that enter block 0, 1, 2, 3 and the last normalisation (4).

    They are found by what the model calls its weights: each block normalises the stream as it enters.
    """
    entering = {node.input[1]: node.input[0] for node in model.graph.node if node.op_type == "LayerNormalization"}
    scales = [f"inner.encoder.layers.{block}.self_attn_layer_norm.weight" for block in range(N_LAYERS - 1)]
    return {layer: entering[scale] for layer, scale in enumerate([*scales, "inner.encoder.layer_norm.weight"])}
