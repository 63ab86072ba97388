"""What a training run is worth, told to people: an HTML page, a model card, and the words for both.

Names here load neither Matplotlib nor Jinja; the functions do when they are called.
"""

from tonewise.report.card import model_card
from tonewise.report.inputs import LanguageResult, Spectrogram
from tonewise.report.training import training_report
from tonewise.report.wording import auc_phrase, verdict

__all__ = ["LanguageResult", "Spectrogram", "auc_phrase", "model_card", "training_report", "verdict"]
