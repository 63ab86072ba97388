"""Who and what is learned from and tested on: by speaker, by speaker and vocabulary, or at random."""

from tonewise.splits.assigning import PARTS, TEST, TRAIN, VALID, check_disjoint, names, split
from tonewise.splits.contents import check_contents, contents
from tonewise.splits.folding import folds
from tonewise.splits.groups import speaker_groups

__all__ = [
    "PARTS",
    "TEST",
    "TRAIN",
    "VALID",
    "check_contents",
    "check_disjoint",
    "contents",
    "folds",
    "names",
    "speaker_groups",
    "split",
]
