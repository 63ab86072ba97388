"""Whether the trees of an ONNX forest are trees: onnxruntime takes much of that on trust.

It follows a circle of nodes for ever, finds a node whose number is too large for it at another's place, and reads whatever
lies where a feature is not. All of that was found by changing single numbers of a forest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

_MOST = 2**31  # trees, and nodes of a tree


def check_trees(attributes: Mapping[str, Any], width: int, refused: Callable[[str], Exception]) -> None:
    """Refuse what is no forest of binary trees over `width` features and two classes.

    Args:
        attributes: of a `TreeEnsembleClassifier`, by name.
        width: features a row.
        refused: makes the error from what is wrong.
    """
    import numpy as np

    def numbers(name: str) -> np.ndarray:
        return np.array(attributes[name].ints if name in attributes else (), dtype=np.int64)

    trees, nodes, features = numbers("nodes_treeids"), numbers("nodes_nodeids"), numbers("nodes_featureids")
    below = [numbers("nodes_truenodeids"), numbers("nodes_falsenodeids")]
    branches = np.array([mode != b"LEAF" for mode in _strings(attributes, "nodes_modes")], dtype=bool)
    leaves = numbers("class_treeids"), numbers("class_nodeids"), numbers("class_ids")
    if not len(nodes) or len({len(each) for each in (trees, nodes, features, branches, *below)}) > 1:
        raise refused("its trees say more of some of their nodes than of others")
    if _outside(features, width):
        raise refused("its trees ask for features that there are not")
    if len({len(each) for each in leaves}) > 1 or _outside(leaves[2], 2):
        raise refused("its trees know something else than two classes")
    ids = (trees, nodes, leaves[0], leaves[1], *(each[branches] for each in below))
    if any(_outside(each, _MOST) for each in ids):
        raise refused("its trees number their nodes by what is no number of a node")
    if not _grows(trees, nodes, [each[branches] for each in below], branches):
        raise refused("its trees do not grow from their roots to their leaves")
    if not np.isin(_keys(leaves[0], leaves[1]), _keys(trees, nodes)).all():
        raise refused("its trees have classes at nodes that there are not")


def _grows(trees: np.ndarray, nodes: np.ndarray, below: list[np.ndarray], branches: np.ndarray) -> bool:
    """Whether every branch leads to nodes of its own that are numbered after it, as scikit-learn numbers them."""
    import numpy as np

    known = _keys(trees, nodes)
    led_to = np.concatenate([_keys(trees[branches], each) for each in below])
    later = all((each > nodes[branches]).all() for each in below)
    once = len(np.unique(led_to)) == len(led_to) and len(np.unique(known)) == len(known)
    return bool(later and once and np.isin(led_to, known).all())


def _keys(trees: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """One number for a node of a tree."""
    keys: np.ndarray = trees * _MOST + nodes
    return keys


def _outside(values: np.ndarray, limit: int) -> bool:
    return bool(len(values) and (values.min() < 0 or values.max() >= limit))


def _strings(attributes: Mapping[str, Any], name: str) -> list[bytes]:
    return list(attributes[name].strings) if name in attributes else []
