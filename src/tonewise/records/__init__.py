"""The frozen records that pass between stages, and the columns of the utterance table.

The spine of tonewise is a table (a pandas DataFrame) with one row an utterance. Stages add columns to it and
never rely on a row's position or on the name of a file.
"""

from tonewise.records.figures import Calibration, Evaluation, GroupResult, Interval, PairedComparison, ReliabilityBin
from tonewise.records.results import (
    ComparisonResult,
    ComparisonRow,
    LabellerSummary,
    LabelSummary,
    RefinementResult,
    TrainingResult,
)
from tonewise.records.scoring import AGENT, CUSTOMER, ROLES, Curve, CurvePoint, RecordingScore, Segment
from tonewise.records.utterances import SAMPLE_RATE, UTTERANCE_COLUMNS, Clip, Corpus, Cue, Problem, Progress

__all__ = [
    "AGENT",
    "CUSTOMER",
    "ROLES",
    "SAMPLE_RATE",
    "UTTERANCE_COLUMNS",
    "Calibration",
    "Clip",
    "ComparisonResult",
    "ComparisonRow",
    "Corpus",
    "Cue",
    "Curve",
    "CurvePoint",
    "Evaluation",
    "GroupResult",
    "Interval",
    "LabelSummary",
    "LabellerSummary",
    "PairedComparison",
    "Problem",
    "Progress",
    "RecordingScore",
    "RefinementResult",
    "ReliabilityBin",
    "Segment",
    "TrainingResult",
]
