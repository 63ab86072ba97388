import numpy as np
import pytest

from tonewise.errors import InputError
from tonewise.report import Spectrogram


@pytest.mark.parametrize(
    ("log_mel", "seconds", "padding", "message"),
    [
        (np.zeros(80), 1.0, (0, 0), r"shape \(80,\): give"),
        (np.zeros((80, 0)), 1.0, (0, 0), "shape"),
        (np.zeros((80, 9)), 0.0, (0, 0), "duration above 0"),
        (np.zeros((80, 9)), float("nan"), (0, 0), "duration above 0"),
        (np.zeros((80, 9)), 1.0, (-0.1, 0), "durations from 0"),
        (np.zeros((80, 9)), 1.0, (0.6, 0.6), "that fit in it"),
    ],
)
def test_a_spectrogram_that_does_not_fit_together_is_refused(log_mel, seconds, padding, message):
    with pytest.raises(InputError, match=message):
        Spectrogram("clip 7", log_mel, seconds, padding)
