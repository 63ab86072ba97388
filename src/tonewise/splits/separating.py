"""Which rows must go, so that nothing that is said in a test is said in its training.

Two rows that share a content (a sentence or a word) cannot be on both sides. Where each row has one content, training simply
does without those of the test. Where rows have several words, that may empty the training: then what costs it most is not
tested.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from tonewise.splits.contents import Content

#: Share of the training that is left whatever is tested, counted in rows of which it is known what they say.
ENOUGH = 0.5


def separate(contents: Sequence[Content], held: np.ndarray, learned: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Take the rows that would leak from one side or the other.

    Rows are tested in the order of what they cost, the number of training rows that say the same, as long as half of the
    training is left. So rows with frequent words are the first that go untested.

    Args:
        contents: of all rows.
        held: bool `(n,)`, rows that are to be tested.
        learned: bool `(n,)`, rows that are to be learned from, others than those.

    Returns:
        (held, learned) without the rows that would leak. All that are to be tested are, where enough is left then.
    """
    import numpy as np

    lessons = [content for content in _chosen(contents, learned) if content]
    rows = np.flatnonzero(held)
    order = rows[np.argsort(_costs(_chosen(contents, held), lessons), kind="stable")]
    tested = order[: _affordable([contents[row] for row in order.tolist()], lessons)]
    chosen = np.zeros(len(held), dtype=bool)
    chosen[tested] = True
    learned = apart(contents, learned, chosen)
    return apart(contents, held, learned), learned


def apart(contents: Sequence[Content], rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Which of `rows` share nothing with any of `others`; bool `(n,)`."""
    import numpy as np

    said = frozenset[str]().union(*_chosen(contents, others))
    kept = np.zeros(len(contents), dtype=bool)
    kept[rows] = [said.isdisjoint(content) for content in _chosen(contents, rows)]
    return kept


def _chosen(contents: Sequence[Content], rows: np.ndarray) -> list[Content]:
    return list(compress(contents, rows.tolist()))


def _costs(tests: Sequence[Content], lessons: Sequence[Content]) -> np.ndarray:
    """How often what each test says is said in training."""
    import numpy as np

    said = Counter(each for content in lessons for each in content)
    return np.array([sum(said[each] for each in content) for content in tests], dtype=int)


def _affordable(tests: Sequence[Content], lessons: Sequence[Content]) -> int:
    """How many of `tests`, from the first on, can be tested so that enough of the training is left."""
    import numpy as np

    first: dict[str, int] = {}  # the place in the order from which on a content is tested
    for place, content in enumerate(tests):
        for each in content:
            first.setdefault(each, place)
    never = len(tests)
    lost = [min(first.get(each, never) for each in content) for content in lessons]
    gone = np.cumsum(np.bincount(np.array(lost, dtype=int), minlength=never + 1))[:never]
    return int(np.searchsorted(gone, (1 - ENOUGH) * len(lost), side="right"))
