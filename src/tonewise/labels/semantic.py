"""Zero-shot polarity of meaning: which pole's prototype sentences a sentence lies nearer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tonewise.errors import LabelError
from tonewise.labels.base import DEFAULT_THRESHOLD, NO_TEXT, Sentence, Vote, encodable, vote
from tonewise.labels.prototypes import Prototypes, read_prototypes
from tonewise.labels.sentence_encoders import HubSentenceEncoder, MiniLmEncoder, SentenceEncoder
from tonewise.records import Progress
from tonewise.weights.hub import shown_name

if TYPE_CHECKING:
    import numpy as np

#: Inverse temperature of the soft maximum over a pole's prototypes: 0 is their mean, large values ask the nearest one
#: only. Of 0, 3, 5, 8, 10, 12, 16 and 24, this one ranks 2,274 lines of dialogue most like the two lexicons do where
#: they agree (0.915; their mean alone: 0.903). Nobody's labels were looked at.
SHARPNESS = 8.0


@dataclass(frozen=True)
class SemanticLabeller:
    """Scores a sentence by its similarity to prototypes of the positive and of the negative pole.

    The margin of a sentence is softmax-pooled cosine similarity to the one pole minus that to the other. A logistic curve
    turns it into a probability p, and the score is 2p − 1; the curve is fitted to the prototypes themselves, each
    judged by all the others, with Platt's smoothed targets. So the score means "as clearly positive as the
    prototypes are", whatever the poles: no label of any corpus is involved.

    Attributes:
        threshold: 0..1; scores of no greater absolute value are abstentions.
        encoder: a sentence encoder of the hub or a folder; None = all-MiniLM-L6-v2 as int8 ONNX (no torch).
        prototypes: a file, see `read_prototypes`, or what was read from one; None = tonewise's own.

    Sources: prototype classification of embeddings as in J. Snell et al., "Prototypical networks" (NeurIPS 2017);
    J. Platt, "Probabilistic outputs for support vector machines" (1999).
    """

    threshold: float = DEFAULT_THRESHOLD
    encoder: str | None = None
    prototypes: Path | Prototypes | None = None
    parts: ClassVar[tuple[str, ...]] = ()
    reads_context: ClassVar[bool] = False
    source: ClassVar[str] = (
        "similarity to prototype sentences (sentence embeddings; all-MiniLM-L6-v2 unless another is named)"
    )

    def __post_init__(self) -> None:
        _ = self._encoder  # a name that cannot be one is refused now, not after the corpus has been read

    @property
    def name(self) -> str:
        """`semantic`, with the encoder where another one is used (of a folder its name alone)."""
        return "semantic" if self.encoder is None else f"semantic:{shown_name(self.encoder)}"

    @property
    def licence(self) -> str:
        """Of the weights."""
        if self.encoder is None:
            return "Apache-2.0 (all-MiniLM-L6-v2)"
        return f"see the model card of {shown_name(self.encoder)}"

    @property
    def languages(self) -> frozenset[str] | None:
        """English with tonewise's own weights; whatever the user's encoder reads otherwise."""
        return self._encoder.languages

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order; equal texts are encoded once.

        Raises:
            LabelError: the prototypes cannot be used: ill-formed, or their poles are alike to the encoder.
            WeightsError: the weights cannot be had.
        """
        spoken = {sentence.text for sentence in sentences if sentence.text and sentence.text.strip()}
        texts = sorted(spoken)  # whatever the order of the corpus, the same work is done
        scores = dict(zip(texts, self._scores(texts, progress), strict=True)) if texts else {}
        return [
            vote(float(scores[sentence.text]), self.threshold) if sentence.text in scores else NO_TEXT
            for sentence in sentences
        ]

    def identity(self) -> dict[str, object]:
        """Name, threshold, prototypes, and the encoder's identity."""
        own = {"name": self.name, "threshold": self.threshold, "prototypes": self._prototypes.checksum}
        return {**own, "poles": list(self._prototypes.poles), **self._encoder.identity()}

    def _scores(self, texts: Sequence[str], progress: Progress | None) -> np.ndarray:
        """−1 to 1, `(n,)`."""
        import numpy as np

        slope, offset = self._curve
        vectors = self._encoder.encode([encodable(text) for text in texts], progress)
        positive, negative = self._poles
        margin = _pooled(_cosines(vectors, positive)) - _pooled(_cosines(vectors, negative))
        scores: np.ndarray = np.tanh((slope * margin + offset) / 2)  # = 2 p − 1 of the logistic curve
        return scores

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        return MiniLmEncoder() if self.encoder is None else HubSentenceEncoder(self.encoder)

    @cached_property
    def _prototypes(self) -> Prototypes:
        return self.prototypes if isinstance(self.prototypes, Prototypes) else read_prototypes(self.prototypes)

    @cached_property
    def _poles(self) -> tuple[np.ndarray, np.ndarray]:
        found = self._prototypes
        return self._encoder.encode(found.positive), self._encoder.encode(found.negative)

    @cached_property
    def _curve(self) -> tuple[float, float]:
        """Slope and offset of the logistic curve, from the prototypes' own margins."""
        import numpy as np

        positive, negative = self._poles
        right = np.concatenate([_margins_of(positive, negative), _margins_of(negative, positive)])
        side = np.repeat([1, -1], [len(positive), len(negative)])
        slope, offset = _platt(side * right, len(positive), len(negative))
        if slope <= 0:  # with it, what is like a pole would be labelled as the other one
            found = self._prototypes
            worst = (found.positive + found.negative)[int(right.argmin())]
            raise LabelError(
                f"the prototypes of [{found.poles[0]}] and [{found.poles[1]}] cannot be told apart by their meaning: "
                f"'{worst}' is nearer to the other pole than to its own; expected clearer sentences, or more of them"
            )
        return slope, offset


def _cosines(vectors: np.ndarray, prototypes: np.ndarray) -> np.ndarray:
    """Of each of `(n, d)` with each of `(k, d)`, `(n, k)`."""
    import numpy as np

    # One at a time: a product of matrices rounds a row's numbers according to how many rows there are.
    return np.stack([prototypes @ vector for vector in vectors])


def _pooled(similarities: np.ndarray) -> np.ndarray:
    """Soft maximum over the columns of cosines `(n, k)`: log-mean-exp at `SHARPNESS`."""
    import numpy as np

    pooled: np.ndarray = np.log(np.exp(SHARPNESS * similarities).mean(axis=1)) / SHARPNESS
    return pooled


def _margins_of(own: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How much nearer each prototype of a pole is to the rest of its pole than to the other pole."""
    import numpy as np

    similar = own @ own.T
    others = similar[~np.eye(len(own), dtype=bool)].reshape(len(own), -1)
    margins: np.ndarray = _pooled(others) - _pooled(own @ other.T)
    return margins


def _platt(margins: np.ndarray, positives: int, negatives: int) -> tuple[float, float]:
    """Fit p = 1 / (1 + exp(−(slope · margin + offset))) to smoothed targets, the two poles counting alike."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    # A soft target is two rows: one of each class, weighted by its probability. Poles count alike whatever their sizes.
    target = np.concatenate([np.full(positives, high), np.full(negatives, low)])
    share = np.concatenate([np.full(positives, 1 / positives), np.full(negatives, 1 / negatives)])
    scale = float(np.abs(margins).mean()) or 1.0
    rows = np.concatenate([margins, margins])[:, None] / scale
    classes = np.repeat([1, 0], len(margins))
    weight = np.concatenate([share * target, share * (1 - target)]) * len(margins)
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(rows, classes, sample_weight=weight)
    return float(fitted.coef_[0, 0]) / scale, float(fitted.intercept_[0])
