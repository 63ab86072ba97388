"""How good scores are, and how sure that is."""

from tonewise.evaluation.calibration import Isotonic, Platt, calibration, fit_isotonic, fit_platt
from tonewise.evaluation.comparing import against_chance, compare_scores
from tonewise.evaluation.groups import by_group
from tonewise.evaluation.intervals import roc_auc_interval
from tonewise.evaluation.metrics import evaluate

__all__ = [
    "Isotonic",
    "Platt",
    "against_chance",
    "by_group",
    "calibration",
    "compare_scores",
    "evaluate",
    "fit_isotonic",
    "fit_platt",
    "roc_auc_interval",
]
