"""Any text classifier or entailment model of the Hugging Face hub, or of a folder, as a labeller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from tonewise.errors import OptionError
from tonewise.labels.base import DEFAULT_THRESHOLD, NO_TEXT, Sentence, Vote, encodable, vote
from tonewise.labels.network import Network, checksums, configuration, locate, require
from tonewise.labels.poles import FEELINGS, Poles, plain, read_poles, sides
from tonewise.records import Progress
from tonewise.weights.hub import commit, shown_name

if TYPE_CHECKING:
    import numpy as np

#: What an entailment model is asked of each sentence, once for each feeling.
HYPOTHESIS = "The person who says this feels {}."


@dataclass(frozen=True)
class HubLabeller:
    """Scores text with a model of the user's choice, run on this machine by `transformers`.

    A *classifier* (sentiment, stars, emotions) gives each of its labels a probability, softmax, or one for each label
    alone where it is trained that way. Its label names are mapped to poles (`poles.py`). The score is the summed
    probability of the positive labels less that of the negative ones; of labels that do not exclude each other, the
    most probable of each pole counts.

    An *entailment* model (one of its labels is called `entailment`) is used as it comes, after LanSER (Gong et al.,
    Interspeech 2023): it says how far the sentence entails `HYPOTHESIS` for each of some feelings (`FEELINGS`, or the
    names in the user's file of poles). The feelings share a probability of 1 in proportion to their entailment, and
    the score is the share of the positive ones less that of the negative ones.

    The sentence's language is not looked at: which languages a model reads, its author knows.

    Attributes:
        model_id: repository at the hub, or a folder that `save_pretrained` wrote. To pin a version, give a folder.
        threshold: scores of no greater absolute value become abstentions.
        poles: a file of label names, see `read_poles`; None = by the names themselves.
    """

    model_id: str
    threshold: float = DEFAULT_THRESHOLD
    _: KW_ONLY
    poles: Path | Poles | None = None

    parts: ClassVar[tuple[str, ...]] = ()
    licence: ClassVar[str] = "that of the model"
    languages: ClassVar[frozenset[str] | None] = None
    reads_context: ClassVar[bool] = False

    @property
    def name(self) -> str:
        """`hub:` and the model; of a folder its name alone."""
        return f"hub:{shown_name(self.model_id)}"

    @property
    def source(self) -> str:
        """What scores, for people."""
        return f"text model {shown_name(self.model_id)}, run by transformers"

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order; equal texts are scored once. `progress` counts texts, by batches.

        Raises:
            OptionError: there is no such model, or its labels have no poles.
            MissingExtraError: the extra `hub` (torch, transformers) is not installed.
            WeightsError: the model cannot be fetched, has no safetensors weights or no trained classifier.
        """
        texts = [encodable(sentence.text or "").strip() for sentence in sentences]
        distinct = list(dict.fromkeys(text for text in texts if text))
        scores = dict(zip(distinct, self._scores(distinct, progress), strict=True))
        return [vote(scores[text], self.threshold) if text else NO_TEXT for text in texts]

    def identity(self) -> dict[str, object]:
        """Model, commit at the hub, checksums of all its files, poles, and versions of what computes."""
        require()
        from importlib.metadata import version

        folder, classes = locate(self.model_id), self._classes
        return {
            "name": "hub",
            "model": shown_name(self.model_id),
            "revision": commit(folder),
            "files": checksums(folder),
            "threshold": self.threshold,
            "classes": dict(zip(classes.names, classes.sides, strict=True)),
            "hypothesis": HYPOTHESIS if classes.entailment is not None else None,
            "transformers": version("transformers"),
            "torch": version("torch"),
        }

    @cached_property
    def _classes(self) -> _Classes:
        poles = read_poles(self.poles) if isinstance(self.poles, Path) else self.poles
        return _Classes(configuration(locate(self.model_id), self.model_id), poles, self.name)

    @cached_property
    def _network(self) -> Network:
        return Network(locate(self.model_id), self.model_id)

    def _scores(self, texts: list[str], progress: Progress | None) -> list[float]:
        if not texts:
            return []
        require()
        classes = self._classes
        _ = classes.sides  # names without a pole are refused now, not after all has been read
        pairs = [(text, hypothesis) for text in texts for hypothesis in classes.hypotheses]
        each = len(classes.hypotheses)

        def report(done: int) -> None:
            if progress is not None:
                progress("labels", done // each, len(texts))

        return [float(score) for score in classes.scores(self._network.logits(pairs, report))]


@dataclass(frozen=True)
class _Classes:
    """What a model's outputs mean: the feelings asked for or the labels it was trained on, and their poles."""

    config: Any
    poles: Poles | None
    whose: str

    @cached_property
    def labels(self) -> tuple[str, ...]:
        by_number = self.config.id2label
        return tuple(str(by_number[number]) for number in sorted(by_number))

    @cached_property
    def entailment(self) -> int | None:
        """Which output is entailment, None for a classifier."""
        found = [number for number, label in enumerate(self.labels) if plain(label) in ("entailment", "entail")]
        return found[0] if found else None

    @cached_property
    def names(self) -> tuple[str, ...]:
        return self.labels if self.entailment is None else (self.poles or FEELINGS).names

    @cached_property
    def sides(self) -> tuple[int, ...]:
        if self.entailment is not None:
            return sides(self.names, self.poles or FEELINGS, self.whose)
        if len(self.labels) < 2:
            raise OptionError(f"{self.whose} answers with one number; expected a model with a class for each pole")
        return sides(self.labels, self.poles, self.whose)

    @cached_property
    def hypotheses(self) -> tuple[str | None, ...]:
        """What stands beside each text: one hypothesis a feeling, or nothing for a classifier."""
        return (None,) if self.entailment is None else tuple(HYPOTHESIS.format(name) for name in self.names)

    def scores(self, logits: np.ndarray) -> np.ndarray:
        """Scores `(n_texts,)`, −1..1, of logits `(n_texts × n_hypotheses, n_labels)`."""
        import numpy as np
        from scipy.special import expit, log_softmax, softmax

        side = np.array(self.sides)
        if self.entailment is not None:
            entailed = log_softmax(logits, axis=1)[:, self.entailment].reshape(-1, len(side))
            # Of logarithms: each entailment's share of their sum.
            entailment: np.ndarray = softmax(entailed, axis=1) @ side
            return entailment
        if getattr(self.config, "problem_type", None) == "multi_label_classification":
            each = expit(logits)
            best: np.ndarray = each[:, side > 0].max(axis=1) - each[:, side < 0].max(axis=1)
            return best
        expected: np.ndarray = softmax(logits, axis=1) @ side
        return expected
