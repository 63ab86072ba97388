"""What the words alone tell: of the labels, and of the scores that a model gave to the sound.

A document is the tokens of what was said: words, pairs of neighbouring words and, where it is known, the name of the
sentence, so that even a corpus whose sentences are only numbered shows what a reader of words could know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Document = tuple[str, ...]

_WORD = re.compile(r"\w+(?:['’]\w+)*")


def document(text: str | None, sentence: str | None = None) -> Document:
    """The tokens of one utterance; empty where nothing is known of what was said."""
    words = _WORD.findall(text.casefold()) if isinstance(text, str) else []
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    named = [f"sentence:{sentence}"] if isinstance(sentence, str) and sentence else []
    return (*words, *pairs, *named)


def known(documents: Sequence[Document]) -> bool:
    """Whether there is anything to read: two different documents at least."""
    return len(set(documents) - {()}) > 1


def text_scores(trained: Sequence[Document], positive: np.ndarray, tested: Sequence[Document]) -> np.ndarray:
    """Scores `(m,)` of unseen documents by a logistic regression on TF-IDF weights of the tokens.

    Args:
        trained: `n` documents; without any token the scores are all 0.
        positive: bool `(n,)`, both classes.
        tested: `m` documents.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    if not any(trained):
        return np.zeros(len(tested))
    reader = _tfidf()
    learned = LogisticRegression(class_weight="balanced", max_iter=1000).fit(reader.fit_transform(trained), positive)
    return np.asarray(learned.decision_function(reader.transform(tested)), dtype=float)


def text_predictions(trained: Sequence[Document], values: np.ndarray, tested: Sequence[Document]) -> np.ndarray:
    """Predictions `(m,)` of a number by a ridge regression on the same tokens."""
    import numpy as np
    from sklearn.linear_model import Ridge

    if not any(trained):
        return np.full(len(tested), float(np.mean(values)))
    reader = _tfidf()
    return np.asarray(Ridge().fit(reader.fit_transform(trained), values).predict(reader.transform(tested)), dtype=float)


def _tfidf() -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(analyzer=list, sublinear_tf=True)
