"""Where the stages are joined: label, train, evaluate, score. Surfaces call these and nothing below them."""

from tonewise.pipeline.auditing import audit
from tonewise.pipeline.auditing_results import AuditResult
from tonewise.pipeline.comparison import compare
from tonewise.pipeline.evaluating import EvaluationResult, evaluate
from tonewise.pipeline.inspecting import inspect
from tonewise.pipeline.inspection import Inspection
from tonewise.pipeline.labelling import LabelledCorpus, label
from tonewise.pipeline.model import Model, load
from tonewise.pipeline.scoring import RecordingScore, Segment, score, score_many
from tonewise.pipeline.training import train

__all__ = [
    "AuditResult",
    "EvaluationResult",
    "Inspection",
    "LabelledCorpus",
    "Model",
    "RecordingScore",
    "Segment",
    "audit",
    "compare",
    "evaluate",
    "inspect",
    "label",
    "load",
    "score",
    "score_many",
    "train",
]
