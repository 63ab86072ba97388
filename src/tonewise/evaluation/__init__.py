"""How good scores are, and how sure that is."""

from tonewise.evaluation.intervals import roc_auc_interval
from tonewise.evaluation.metrics import evaluate

__all__ = ["evaluate", "roc_auc_interval"]
