"""What labels, training runs and comparisons are worth, told to people: HTML pages, a model card, and the words for all.

Names here load neither Matplotlib nor Jinja; the functions do when they are called.
"""

from tonewise.report.card import model_card
from tonewise.report.comparison import comparison_report
from tonewise.report.comparison_sentences import summary as comparison_summary
from tonewise.report.inputs import LanguageResult, Spectrogram
from tonewise.report.labelling import labels_report
from tonewise.report.plots import Correlation
from tonewise.report.recording import recording_page
from tonewise.report.recording_sound import embedded_audio, linked_audio, picture_sizes
from tonewise.report.standalone import svg_document
from tonewise.report.training import training_report
from tonewise.report.wording import auc_phrase, verdict

__all__ = [
    "Correlation",
    "LanguageResult",
    "Spectrogram",
    "auc_phrase",
    "comparison_report",
    "comparison_summary",
    "embedded_audio",
    "labels_report",
    "linked_audio",
    "model_card",
    "picture_sizes",
    "recording_page",
    "svg_document",
    "training_report",
    "verdict",
]
