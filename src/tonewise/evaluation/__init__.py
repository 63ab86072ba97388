"""How good scores are, and how sure that is."""

from tonewise.evaluation.calibration import Platt, calibration, fit_platt
from tonewise.evaluation.comparing import against_chance, compare_scores
from tonewise.evaluation.groups import by_group
from tonewise.evaluation.intervals import roc_auc_interval
from tonewise.evaluation.metrics import evaluate

__all__ = [
    "Platt",
    "against_chance",
    "by_group",
    "calibration",
    "compare_scores",
    "evaluate",
    "fit_platt",
    "roc_auc_interval",
]
