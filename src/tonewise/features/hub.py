"""Any speech encoder of the Hugging Face hub, or of a folder, as an ear: chosen layers, pooled over time."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tonewise.errors import OptionError
from tonewise.features import hub_files
from tonewise.features.base import JSON, library
from tonewise.features.hub_head import load_head, pool
from tonewise.features.hub_network import SpeechNetwork, best_device, check_layers, shape
from tonewise.features.pooling import Pool, windows
from tonewise.features.threads import each, each_by_torch
from tonewise.records import Progress
from tonewise.weights.hub import commit, local, shown_name

if TYPE_CHECKING:
    import numpy as np

#: Names for layers, as shares of an encoder's blocks.
NAMED = {"early": (1 / 6, 1 / 3, 1 / 2), "middle": (1 / 3, 1 / 2, 2 / 3), "last": (1.0,), "all": ()}
DEFAULT_LAYERS = "early"

MEAN, MEAN_STD, LEARNED = POOLS = ("mean", "meanstd", "learned")


@dataclass(frozen=True)
class Hub:
    """Mean and standard deviation over time of some layers' states, run by `transformers`.

    Tone lives early: on a language never heard, early and middle layers ranked voices at 0.86 where last layers got 0.6
    (gold labels; docs/finetuning.md), since later ones turn into words. So `early`, the default, takes the states a sixth, a
    third and half of the way up: 2, 4 and 6 of twelve blocks, and of four blocks 0, 1 and 2, as `turn` does.

    A clip is encoded alone, at its own length: nothing is padded, no mask can be forgotten, and a clip's numbers do not
    depend on what is encoded beside it, to the last digit. Whisper's windows of 30 s are the exception: they are filled with
    zeros as it was trained, and the states of the zeros are cut off. Longer clips are cut into equal windows. A GPU is used
    where there is one; its last digits differ from a processor's, and `identity` says which it was.

    Attributes:
        model: repository at the hub, or a folder that `save_pretrained` or `tonewise finetune` wrote.
        revision: branch, tag or commit at the hub, None = main.
        layers: numbers, counted from 0 = before the first block; or one of `early`, `middle`, `last`, `all`; None = `early`,
            or what was learned where the folder was fine-tuned.
        pooling: `meanstd`, `mean`, or `learned` (the layers' weights and the attention of fine-tuning); None = `learned`
            where there is such a thing and no layers are named, else `meanstd`.
    """

    model: str
    revision: str | None = None
    layers: tuple[int, ...] | str | None = None
    pooling: str | None = None

    name: ClassVar[str] = "hub"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    clip_seconds: ClassVar[float | None] = None

    @classmethod
    def parse(cls, argument: str) -> Self:
        """`hub:MODEL[@REVISION][#LAYERS][#POOLING]`, as in `hub:microsoft/wavlm-base-plus#2+4+6#mean`.

        Raises:
            OptionError: there is no model, or an option is unknown.
        """
        source, *options = argument.split("#")
        model, _, revision = source.partition("@")
        if not model:
            raise OptionError("features hub need a speech encoder after a colon: hub:OWNER/NAME or hub:FOLDER")
        if local(source) is not None:
            model, revision = source, ""
        poolings = [option for option in options if option in POOLS]
        layers = [_layers(option, model) for option in options if option not in POOLS]
        if len(poolings) > 1 or len(layers) > 1:
            raise OptionError(f"features 'hub:{argument}' name two choices of layers or of pooling; leave one out")
        if poolings == [LEARNED] and layers:
            raise OptionError(
                f"features 'hub:{argument}' name layers beside 'learned', which weighs all; leave one out"
            )
        return cls(model, revision or None, layers[0] if layers else None, poolings[0] if poolings else None)

    @property
    def whose(self) -> str:
        """The model, for people and identities; of a folder its name alone, so that no result depends on where it lies."""
        return shown_name(self.model)

    @property
    def dimensions(self) -> int:
        """The width of the encoder, times its layers, times two for `meanstd`; twice the width for `learned`.

        Raises:
            InputError, WeightsError: see `prepare`; the model is fetched here, too.
        """
        plan = self._plan
        return plan.width * (2 if plan.pooling == LEARNED else len(plan.layers) * (1 if plan.pooling == MEAN else 2))

    @property
    def trained_groups(self) -> frozenset[str]:
        """Short hashes of the speakers (or recordings) that a fine-tuned encoder has learned from: `bundle.fingerprints`.

        Whoever is judged with such an encoder must not be among them. Empty where nothing is known of any fine-tuning.
        """
        groups = hub_files.facts(hub_files.locate(self.model, self.revision)).get("trained_groups")
        return frozenset(map(str, groups)) if isinstance(groups, list) else frozenset()

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch the model, and see that it has the layers that are asked for.

        Raises:
            MissingExtraError: the extra `hub` (torch, transformers) is not installed.
            OptionError: there is no such model, revision or layer.
            WeightsError: the model cannot be fetched, or is no speech encoder that can be loaded.
        """
        if progress is not None:
            progress(f"fetching {self.whose}", 0, 1)
        self._plan  # noqa: B018
        if progress is not None:
            progress(f"fetching {self.whose}", 1, 1)

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers.

        Raises:
            InputError, WeightsError: see `prepare`.
        """
        plan = self._plan
        return {
            "name": self.name,
            "version": self.version,
            "model": self.whose,
            "revision": commit(plan.folder),
            "weights": hub_files.checksum(plan.folder, head=plan.pooling == LEARNED),
            "layers": list(plan.layers),
            "pooling": plan.pooling,
            "device": best_device(),
            "torch": library("torch"),
            "transformers": library("transformers"),
        }

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, dimensions)`: a layer's means, its deviations, the next layer's.

        Raises:
            InputError, WeightsError: see `prepare`.
        """
        plan, device = self._plan, best_device()
        network = _load(plan, hub_files.checksum(plan.folder), device)
        if plan.pooling == LEARNED:
            head = load_head(plan.folder, plan.available, plan.width, plan.model)
            vector = functools.partial(_learned, network, head)
        else:
            vector = functools.partial(_pooled, network, plan)
        return each_by_torch(vector, clips) if device == "cpu" else each(vector, clips, 1)

    @property
    def _plan(self) -> _Plan:
        hub_files.require()
        folder = hub_files.locate(self.model, self.revision)
        available, width = shape(hub_files.configuration(folder, self.whose), self.whose)
        tuned = (folder / hub_files.HEAD).is_file()
        pooling = self.pooling or (LEARNED if tuned and self.layers is None else MEAN_STD)
        if pooling == LEARNED and not tuned:
            raise OptionError(
                f"speech encoder '{self.whose}' has learned no pooling ({hub_files.HEAD} is absent); expected a folder that "
                "`tonewise finetune` wrote, or leave #learned out"
            )
        layers = "all" if pooling == LEARNED else self.layers or DEFAULT_LAYERS
        chosen = named_layers(layers, available) if isinstance(layers, str) else layers
        check_layers(chosen, available, self.whose)
        return _Plan(folder, self.whose, chosen, pooling, width, available)


@dataclass(frozen=True)
class _Plan:
    """What is heard with which files, when everything that was left open is settled."""

    folder: Path
    model: str
    layers: tuple[int, ...]
    pooling: str
    width: int
    available: int


def named_layers(name: str, available: int) -> tuple[int, ...]:
    """The layers that a name stands for in an encoder of `available` blocks."""
    if name == "all":
        return tuple(range(available + 1))
    return tuple(sorted({int(share * available + 1e-9) for share in NAMED[name]}))


def _layers(option: str, model: str) -> tuple[int, ...] | str:
    if option in NAMED:
        return option
    numbers = option.split("+")
    if not all(number.isascii() and number.isdigit() for number in numbers) or len(set(numbers)) < len(numbers):
        raise OptionError(
            f"unknown option '#{option}' of features hub:{model}; expected layers ({', '.join(NAMED)}, or numbers joined as "
            f"in 2+4+6) or a pooling ({', '.join(POOLS)})"
        )
    return tuple(sorted(map(int, numbers)))


@functools.lru_cache(maxsize=2)
def _load(plan: _Plan, checksum: str, device: str) -> SpeechNetwork:
    """The encoder; `checksum` is there so that files that were changed are read anew."""
    return SpeechNetwork(plan.folder, plan.model, device=device, depth=max(plan.layers))


def _pooled(network: SpeechNetwork, plan: _Plan, samples: np.ndarray) -> np.ndarray:
    import numpy as np
    import torch

    pools = [Pool() for _ in plan.layers]
    for window in windows(samples, network.window_seconds):
        with torch.inference_mode():
            states = network.states([window])
        for one, layer in zip(pools, plan.layers, strict=True):
            one.add(states[layer][0].float().cpu().numpy())
    kept = plan.width if plan.pooling == MEAN else 2 * plan.width
    return np.concatenate([one.vector()[:kept] for one in pools])


def _learned(network: SpeechNetwork, head: Mapping[str, Any], samples: np.ndarray) -> np.ndarray:
    import torch

    with torch.inference_mode():
        parts = [network.states([window]) for window in windows(samples, network.window_seconds)]
        states = [torch.cat(layer, dim=1).cpu() for layer in zip(*parts, strict=True)]
        vector: np.ndarray = pool(states, head)[0].numpy()
        return vector
