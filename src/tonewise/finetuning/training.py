"""The loop: epochs of steps, a validation AUC after each, a checkpoint, and an end when nothing gets better."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import LabelError, WeightsError
from tonewise.features.hub_head import LEARNED, logits, new_head, pool
from tonewise.features.pooling import windows
from tonewise.finetuning import checkpoint
from tonewise.finetuning.adapters import adapt, merge
from tonewise.finetuning.checkpoint import Epoch, State
from tonewise.finetuning.examples import LONGEST, Examples, batches, crop
from tonewise.finetuning.settings import HEAD, Settings
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np

    from tonewise.features.hub_network import SpeechNetwork

WARM_UP = 0.1  # of all planned steps; then the rate falls to 0 in a straight line
WEIGHT_DECAY = 0.01  # of AdamW, its usual one
LARGEST_GRADIENT = 1.0  # its norm over everything that is learned
DROPOUT = 0.1  # of the vector before the logit; the encoder itself has none, see `SpeechNetwork`
MEASURED = 500  # training clips whose vectors are measured before training


@dataclass(frozen=True, slots=True)
class Tuned:
    """A fine-tuned encoder, merged, and how it went.

    Attributes:
        network: the encoder.
        head: see `hub_head`.
        history: the epochs.
        best: number of the epoch that was kept.
        parameters: how many numbers were learned.
    """

    network: SpeechNetwork
    head: dict[str, Any]
    history: tuple[Epoch, ...]
    best: int
    parameters: int

    @property
    def layer_weights(self) -> list[float]:
        """Each layer's share, from 0 = before the first block; they add up to 1."""
        import torch

        return [round(float(share), 6) for share in torch.softmax(self.head["layers"].detach(), dim=0)]

    def tones(self, examples: Examples, progress: Progress | None = None) -> np.ndarray:
        """Tone 0..1 of clips, `(n,)`."""
        import numpy as np

        probabilities: np.ndarray = 1 / (1 + np.exp(-_scores(self.network, self.head, examples, progress, "judging")))
        return probabilities


def tune(
    network: SpeechNetwork,
    train: Examples,
    valid: Examples,
    settings: Settings,
    *,
    folder: Path,
    fingerprint: str,
    progress: Progress | None = None,
) -> Tuned:
    """Fine-tune an encoder; whatever was done before an interruption is not done again, and the result is the same.

    Args:
        network: the encoder, which is changed.
        train: what is learned from, by AdamW (Loshchilov and Hutter 2019) on the cross-entropy of weighted labels.
        valid: what decides which epoch is kept and when to end; nothing is learned from it.
        settings: how.
        folder: where checkpoints are kept.
        fingerprint: of everything beside the code that decides the result.
        progress: called as `progress("fine-tuning", done, total)` with epochs.

    Raises:
        LabelError: training or validation has one class only.
        BundleError: a checkpoint there is of another run, or cannot be written.
        WeightsError: the encoder answers with what is not a number.
    """
    for name, part in (("training", train), ("validation", valid)):
        if not part.has_both_classes:
            raise LabelError(
                f"the {name} part has {len(part)} labelled utterances of one class or none, and both are needed; add "
                "recordings, or lower --threshold"
            )
    run = _Run(network, train, valid, settings, fingerprint)
    state = checkpoint.read(folder, fingerprint)
    if state is None:
        run.measure()
    else:
        run.restore(state)
    while not run.done:
        run.epoch()
        checkpoint.write(run.state, folder)
        if progress is not None:
            progress("fine-tuning", len(run.state.history), settings.epochs)
    return run.finished()


class _Run:
    """One run as it goes on."""

    def __init__(
        self, network: SpeechNetwork, train: Examples, valid: Examples, settings: Settings, fingerprint: str
    ) -> None:
        import torch

        self.state = State(fingerprint)
        self._network, self._train, self._valid, self._settings = network, train, valid, settings
        device = network.device
        self._head = {
            name: value.to(device) for name, value in new_head(network.layers, network.width, settings.seed).items()
        }
        adapted = adapt(network, settings.tuning, settings.seed)
        head = {f"head.{name}": self._head[name].requires_grad_(True) for name in LEARNED}
        self._learned = {**{f"encoder.{name}": value for name, value in adapted.items()}, **head}
        groups = [(list(adapted.values()), settings.rate), (list(head.values()), settings.head_rate)]
        self._optimizer = torch.optim.AdamW(
            [{"params": values, "lr": rate, "highest": rate} for values, rate in groups if values],
            weight_decay=WEIGHT_DECAY,
        )
        self._weight = train.balanced()
        self._longest = min(LONGEST, network.window_seconds)

    @property
    def done(self) -> bool:
        """Whether all epochs are over, or the last ones brought nothing."""
        over = len(self.state.history)
        return over >= self._settings.epochs or over - self.state.best >= self._settings.patience

    def measure(self) -> None:
        """Centre and scale of the vectors before training, so that the head learns alike from any encoder."""
        import numpy as np
        import torch

        random = np.random.default_rng([self._settings.seed, 0])
        rows = np.sort(random.permutation(len(self._train))[:MEASURED])
        with torch.no_grad():
            vectors = torch.cat([_vector(self._network, self._head, self._train.sound(int(row))) for row in rows])
        self._head["centre"].copy_(vectors.mean(dim=0))
        deviation = vectors.std(dim=0, correction=0)
        self._head["scale"].copy_(torch.where(deviation > 1e-6, deviation, 1.0))

    def epoch(self) -> None:
        """Learn from every training clip once, then judge by the validation part."""
        import numpy as np
        import torch

        number = len(self.state.history) + 1
        # Everything random depends on the seed and the number of the epoch: nothing of it has to be kept.
        random = np.random.default_rng([self._settings.seed, number])
        noise = torch.Generator().manual_seed(int(random.integers(2**62)))
        plan = batches(self._train.seconds.clip(max=self._longest), self._settings.batch_seconds, random)
        total = 0.0
        for place, rows in enumerate(plan):
            self._rate((number - 1 + (place + 1) / len(plan)) / self._settings.epochs)
            total += self._step(rows, random, noise) * len(rows)
        self._judge(number, total / len(self._train))

    def finished(self) -> Tuned:
        """The encoder with what the best epoch had learned."""
        self._load("best")
        merge(self._network)
        parameters = sum(value.numel() for value in self._learned.values())
        head = {name: value.detach() for name, value in self._head.items()}
        return Tuned(self._network, head, tuple(self.state.history), self.state.best, parameters)

    def restore(self, state: State) -> None:
        """Go on where a checkpoint was written."""
        self.state = state
        self._load("now")
        for name in ("centre", "scale"):
            self._head[name].copy_(state.tensors[name])
        for name, value in self._learned.items():
            if f"step/{name}" in state.tensors:
                self._optimizer.state[value] = {
                    "step": state.tensors[f"step/{name}"],
                    "exp_avg": state.tensors[f"mean/{name}"].to(value.device),
                    "exp_avg_sq": state.tensors[f"square/{name}"].to(value.device),
                }

    def _step(self, rows: np.ndarray, random: np.random.Generator, noise: Any) -> float:
        import torch

        sounds = crop([self._train.sound(int(row)) for row in rows], self._longest, random)
        positive = torch.tensor(self._train.positive[rows], dtype=torch.float32, device=self._network.device)
        weight = torch.tensor(self._weight[rows], dtype=torch.float32, device=self._network.device)
        with _listening(self._network, learning=self._settings.tuning != HEAD):
            states = self._network.states(sounds)
        vectors = pool(states, self._head)
        found = logits(vectors, self._head, _kept(vectors, noise))
        each = torch.nn.functional.binary_cross_entropy_with_logits(found, positive, reduction="none")
        loss = (each * weight).mean()
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(self._learned.values()), LARGEST_GRADIENT)
        self._optimizer.step()
        return float(loss.detach())

    def _rate(self, passed: float) -> None:
        """Set the learning rates, `passed` = share of the planned steps that is over with this one."""
        share = min(passed / WARM_UP, (1 - passed) / (1 - WARM_UP))
        for group in self._optimizer.param_groups:
            group["lr"] = group["highest"] * max(share, 0.0)

    def _judge(self, number: int, loss: float) -> None:
        import numpy as np
        from sklearn.metrics import roc_auc_score

        found = _scores(self._network, self._head, self._valid)
        if not (np.isfinite(found).all() and np.isfinite(loss)):
            raise WeightsError(
                f"in epoch {number} the encoder answered with what is not a number; use a smaller --learning-rate"
            )
        auc = float(roc_auc_score(self._valid.positive, found))
        history = self.state.history
        better = all(auc > each.roc_auc for each in history)
        history.append(Epoch(number, loss, auc))
        if better:
            self.state.best = number
        self._keep(better)

    def _keep(self, better: bool) -> None:
        """Put everything that changes into the state."""
        kept: dict[str, Any] = {name: self._head[name] for name in ("centre", "scale")}
        for name, value in self._learned.items():
            kept[f"now/{name}"] = value
            kept[f"best/{name}"] = value if better else self.state.tensors[f"best/{name}"]
            moments = self._optimizer.state.get(value, {})
            for ours, theirs in (("step", "step"), ("mean", "exp_avg"), ("square", "exp_avg_sq")):
                if theirs in moments:
                    kept[f"{ours}/{name}"] = moments[theirs]
        self.state.tensors = {name: value.detach().cpu().clone().contiguous() for name, value in kept.items()}

    def _load(self, which: str) -> None:
        import torch

        with torch.no_grad():
            for name, value in self._learned.items():
                value.copy_(self.state.tensors[f"{which}/{name}"])


@contextlib.contextmanager
def _listening(network: SpeechNetwork, *, learning: bool) -> Iterator[None]:
    """Half precision on a GPU (bfloat16 needs no scaling of the loss), and gradients where the encoder learns."""
    import torch

    with (
        torch.set_grad_enabled(learning),
        torch.autocast("cuda", dtype=torch.bfloat16, enabled=network.device != "cpu"),
    ):
        yield


def _kept(vectors: Any, noise: Any) -> Any:
    """What dropout multiplies vectors with; random numbers from the processor are the same on any device."""
    import torch

    kept = torch.rand(vectors.shape, generator=noise) >= DROPOUT
    return kept.to(vectors.device) / (1 - DROPOUT)


def _vector(network: SpeechNetwork, head: dict[str, Any], samples: np.ndarray) -> Any:
    """The vector `(1, 2 * width)` of a whole clip, as `hub:FOLDER` hears it."""
    import torch

    parts = [network.states([window]) for window in windows(samples, network.window_seconds)]
    return pool([torch.cat(layer, dim=1) for layer in zip(*parts, strict=True)], head)


def _scores(
    network: SpeechNetwork, head: dict[str, Any], examples: Examples, progress: Progress | None = None, stage: str = ""
) -> np.ndarray:
    """Logits `(n,)` of whole clips, one by one."""
    import numpy as np
    import torch

    found = np.zeros(len(examples))
    with torch.no_grad():
        for row in range(len(examples)):
            found[row] = float(logits(_vector(network, head, examples.sound(row)), head))
            if progress is not None:
                progress(stage, row + 1, len(examples))
    return found
