"""The figures of a report, each as inline SVG with a title and a description of what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from tonewise.records import LabelSummary
from tonewise.report.inputs import LanguageResult, Spectrogram
from tonewise.report.svg import INK, MUTED, NEGATIVE, PAPER, POSITIVE, WEAK, inline_svg
from tonewise.report.wording import Named, auc_phrase, count, plural

if TYPE_CHECKING:
    import numpy as np
    from markupsafe import Markup
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 440  # CSS pixels: two figures fit side by side, and one on a telephone keeps its text readable
DYNAMIC_RANGE = 80.0  # dB below the loudest band that a spectrogram shows
MAX_FRAMES = 400  # columns of a spectrogram's picture: more cannot be seen at its size
MAX_BANDS = 128


def roc_curves(named: Sequence[Named]) -> str | None:
    """ROC curves: gold in ink, other labels in green, all but the test part dashed; `None` without any."""
    drawn = [each for each in named if len(each.evaluation.curve) > 1]
    if not drawn:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (1, 3)), label="Chance")
        for each in reversed(drawn):
            style = "-" if each.part == "test" else (0, (5, 2))
            x, y = zip(*each.evaluation.curve, strict=True)
            colour, width = (INK, 2.4) if each.gold else (WEAK, 1.6)
            axes.plot(x, y, color=colour, linewidth=width, linestyle=style, label=each.name)
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
        axes.set(xlabel="False positive rate", ylabel="True positive rate")
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(handles[::-1], labels[::-1], loc="outside lower center", frameon=False, fontsize=11)

    description = "; ".join(f"{each.name}: ROC AUC {auc_phrase(each.evaluation.auc)}" for each in drawn)
    return inline_svg("roc", "ROC curves", description, (WIDTH, 430 + 18 * len(drawn)), draw)


def score_histogram(labels: LabelSummary) -> str | None:
    """How the labeller's scores are distributed over -1..1; `None` where there are none."""
    edges, counts = labels.histogram
    if not counts or not sum(counts):
        return None
    from matplotlib.ticker import MaxNLocator

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        centres = [(low + high) / 2 for low, high in pairwise(edges)]
        widths = [(high - low) * 0.88 for low, high in pairwise(edges)]
        colours = [POSITIVE if centre > 0 else NEGATIVE for centre in centres]
        axes.bar(centres, counts, width=widths, color=colours)
        axes.axvline(0, color=MUTED, linewidth=0.8)
        axes.set(xlim=(edges[0], edges[-1]), ylabel="Utterances")
        axes.set_xlabel("negative  ←  score of the labeller  →  positive")
        axes.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: count(round(value)))

    negative = sum(n for n, high in zip(counts, edges[1:], strict=True) if high <= 0)
    description = (
        f"Histogram of {plural(sum(counts), 'score')} from {edges[0]:g} to {edges[-1]:g}: "
        f"{count(negative)} in bins up to 0 and {count(sum(counts) - negative)} above."
    )
    return inline_svg("histogram", "Scores of the labeller", description, (WIDTH, 300), draw)


def spectrograms(pictures: Sequence[Spectrogram]) -> list[tuple[Spectrogram, Markup, str]]:
    """Each with its drawing, all on one scale, and its added silence in words."""
    from markupsafe import Markup

    loudest = loudest_level(pictures)
    return [
        (picture, Markup(spectrogram(picture, f"mel{index}", loudest)), padding(picture))
        for index, picture in enumerate(pictures)
    ]


def spectrogram(picture: Spectrogram, key: str, loudest: float) -> str:
    """A Mel spectrogram with the added silence marked; `loudest` is the top of its scale, in dB."""
    from matplotlib.ticker import MaxNLocator

    pixels = _thin(_audible(picture.log_mel, loudest - DYNAMIC_RANGE))
    before, after = picture.padding

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        extent = (0, picture.seconds, 0, picture.log_mel.shape[0])
        image = axes.imshow(
            pixels,
            origin="lower",
            aspect="auto",
            extent=extent,
            interpolation="none",
            cmap="magma",
            vmin=loudest - DYNAMIC_RANGE,
            vmax=loudest,
        )
        axes.yaxis.set_major_locator(MaxNLocator(5))
        _mark_padding(axes, 0, before)
        _mark_padding(axes, picture.seconds - after, picture.seconds)
        axes.set(xlabel="Seconds", ylabel="Mel band", xlim=extent[:2], ylim=extent[2:])
        bar = figure.colorbar(image, ax=axes, fraction=0.045, pad=0.02, label="dB")
        bar.outline.set_visible(False)

    description = f"Mel spectrogram of {picture.seconds:.1f} s in {picture.log_mel.shape[0]} bands, {padding(picture)}."
    return inline_svg(key, picture.title, description, (WIDTH, 250), draw)


def padding(picture: Spectrogram) -> str:
    """The added silence in words: "1.2 s of silence added before and 0.4 s after the sound"."""
    before, after = picture.padding
    if not before and not after:
        return "no silence added"
    parts = [f"{length:.1f} s {where}" for length, where in ((before, "before"), (after, "after")) if length]
    return f"silence added: {' and '.join(parts)} the sound"


def loudest_level(pictures: Sequence[Spectrogram]) -> float:
    """The loudest finite level of all pictures, in dB, so that they share a scale; 0 where all is silent."""
    import numpy as np

    finite = [level[np.isfinite(level)] for level in (picture.log_mel for picture in pictures)]
    return max((float(level.max()) for level in finite if level.size), default=0.0)


def _audible(log_mel: np.ndarray, floor: float) -> np.ndarray:
    """Levels with everything under `floor`, digital silence (-inf dB) included, brought up to it."""
    import numpy as np

    audible: np.ndarray = np.maximum(np.nan_to_num(log_mel, nan=floor, neginf=floor), floor)
    return audible


def _thin(log_mel: np.ndarray) -> np.ndarray:
    """Means of neighbouring frames and bands, so that a long recording's picture stays small."""
    import numpy as np

    for axis, most in ((0, MAX_BANDS), (1, MAX_FRAMES)):
        size = log_mel.shape[axis]
        if size > most:
            starts = np.linspace(0, size, most, endpoint=False).astype(int)
            widths = np.diff([*starts, size])
            sums = np.add.reduceat(log_mel, starts, axis=axis)
            log_mel = sums / np.expand_dims(widths, 1 - axis)
    return log_mel


def _mark_padding(axes: Axes, start: float, end: float) -> None:
    if end <= start:
        return
    edge = end if start == 0 else start
    axes.axvspan(start, end, facecolor="none", edgecolor="#8a8a8a", hatch="////", linewidth=0)
    axes.axvline(edge, color="#ffffff", linewidth=1.2, linestyle=(0, (4, 2)))
    span = axes.get_xlim()[1] - axes.get_xlim()[0]
    upright = (end - start) / span < 0.25
    axes.text(
        (start + end) / 2,
        sum(axes.get_ylim()) / 2,
        "silence added",
        color="#ffffff",
        fontsize=10,
        ha="center",
        va="center",
        rotation=90 if upright else 0,
        bbox={"facecolor": "#000000", "edgecolor": "none", "pad": 2},
    )


def languages(results: Sequence[LanguageResult]) -> str | None:
    """Every language's positive and negative recordings on one axis, min–max scaled over all of them.

    The founding article's figure, for more than one recording a language; `None` where there are no scores.
    """
    scores = [score for each in results for score in (*each.positive_scores, *each.negative_scores)]
    if not scores:
        return None
    low, high = min(scores), max(scores)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for row, each in enumerate(results):
            axes.axhline(row, color=MUTED, linewidth=0.5, alpha=0.5, zorder=0)
            _dots(axes, _scaled(each.positive_scores, low, high), row, "positive")
            _dots(axes, _scaled(each.negative_scores, low, high), row, "negative")
        axes.set_yticks(range(len(results)), [each.name for each in results], fontsize=11, color=INK)
        axes.set(xlim=(-0.03, 1.03), ylim=(len(results) - 0.5, -0.5))
        axes.set_xlabel("lowest  ←  score, min–max scaled  →  highest")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        _legend_above(figure, axes)

    description = "; ".join(f"{each.name}: ROC AUC {auc_phrase(each.evaluation.auc)}" for each in results)
    return inline_svg("languages", "Scores by language", description, (WIDTH, 84 + 50 * len(results)), draw)


def _scaled(scores: Sequence[float], low: float, high: float) -> list[float]:
    return [(score - low) / (high - low) if high > low else 0.5 for score in scores]


def _legend_above(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    shown = dict(zip(labels, handles, strict=True))  # each language brings the same two
    figure.legend(
        list(shown.values()),
        list(shown),
        loc="outside upper center",
        ncols=2,
        frameon=False,
        fontsize=11,
        handletextpad=0.1,
    )


def _dots(axes: Axes, scores: Sequence[float], row: int, kind: Literal["positive", "negative"]) -> None:
    if not scores:
        return
    positive = kind == "positive"
    height = row - 0.17 if positive else row + 0.17
    # One recording a class, as in the founding article, may be drawn large; a hundred let each other through.
    few = len(scores) <= 12
    axes.scatter(
        scores,
        [height] * len(scores),
        s=64 if few else 24,
        alpha=1.0 if few else 0.5,
        linewidths=0.8 if few else 0,
        color=POSITIVE if positive else NEGATIVE,
        edgecolors=PAPER,
        marker="o" if positive else "v",
        label=f"{kind} recordings",
    )
    if len(scores) > 1:
        mean = sum(scores) / len(scores)
        axes.plot([mean, mean], [height - 0.14, height + 0.14], color=INK, linewidth=2, solid_capstyle="butt")
