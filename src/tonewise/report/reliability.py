"""The reliability diagram: how often utterances of a tone have positive labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.records import Calibration
from tonewise.report.svg import INK, MUTED, WEAK, inline_svg
from tonewise.report.wording import number, plural

if TYPE_CHECKING:
    from markupsafe import Markup
    from matplotlib.figure import Figure

SIZE = (440, 400)  # CSS pixels, as the ROC curves beside it


def drawn_reliability(found: Calibration | None) -> Markup | None:
    """A reliability diagram as inline SVG, a dot a bin with its 95 % interval; None where there are not two bins."""
    if found is None or len(found.bins) < 2:
        return None
    from markupsafe import Markup

    bins = found.bins

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (1, 3)))
        for each in bins:
            axes.plot([each.score, each.score], [each.ci_low, each.ci_high], color=WEAK, linewidth=1.6)
        axes.plot([each.score for each in bins], [each.share for each in bins], "o", color=INK, markersize=6)
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
        axes.set(xlabel="Tone", ylabel="Share with a positive label")

    dots = "; ".join(
        f"at tone {number(each.score)} {number(each.share)} of {plural(each.n, 'utterance')}" for each in bins
    )
    return Markup(inline_svg("reliability", "Reliability diagram", f"Share of positive labels: {dots}.", SIZE, draw))
