"""The pictures of a comparison: the ROC curves of many systems in one plot, and how the article's features correlate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonewise.errors import InputError
from tonewise.records import Evaluation
from tonewise.report.figures import WIDTH
from tonewise.report.svg import INK, MUTED, NEGATIVE, PAPER, POSITIVE, WEAK, inline_svg
from tonewise.report.wording import auc_phrase, auc_short, number, plural

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE_LENGTH = 52  # letters of a system's name that fit below a plot; the whole is in its description
LEGEND_LINE = 14  # CSS pixels
_GAP = "\N{EN SPACE}\N{EN SPACE}"  # a browser would make one of several plain spaces
TICKS = 5  # of a map of correlations

# What tells curves apart without colour: the dashes, and the number that each bears.
_DASHES: tuple[Any, ...] = (
    (0, (6, 2)),
    (0, (1.5, 1.5)),
    (0, (6, 2, 1, 2)),
    (0, (4, 1.5, 1, 1.5, 1, 1.5)),
    (0, (12, 3)),
    (0, (12, 2, 3, 2)),
)
_COLOURS = (POSITIVE, NEGATIVE, WEAK, INK)


@dataclass(frozen=True, slots=True)
class RocLine:
    """A system's curve; those of the founding article are drawn grey and dashed."""

    name: str
    evaluation: Evaluation
    founding: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Correlation:
    """Correlations of features, in −1..1, over so many utterances.

    `matrix` has shape `(d, d)`, NaN where a feature never changes. Raises InputError where it is not square.
    """

    matrix: np.ndarray
    utterances: int

    def __post_init__(self) -> None:
        shape = self.matrix.shape
        if len(shape) != 2 or shape[0] != shape[1] or not shape[0]:
            raise InputError(f"a matrix of correlations has shape {shape}: give a square one (d, d)")

    @property
    def facts(self) -> str:
        """Over how many utterances, how high its values are, and what is missing: "80 utterances; between two bands …"."""
        import numpy as np

        over = plural(self.utterances, "utterance")
        between = self.matrix[~np.eye(len(self.matrix), dtype=bool)]
        known = between[np.isfinite(between)]
        if not known.size:
            return f"{over}; no correlation is defined"
        low, high, middle = (number(float(f(known))) for f in (np.min, np.max, np.median))
        constant = int((~np.isfinite(np.diag(self.matrix))).sum())
        missing = f"; without {plural(constant, 'band')} of constant level" if constant else ""
        return f"{over}; between two bands {low} to {high}, median {middle}{missing}"

    @property
    def caption(self) -> str:
        """What it is of, and its facts."""
        return f"Correlations of {len(self.matrix)} time-averaged Mel bands over {self.facts}."


def roc_lines(lines: Sequence[RocLine], *, key: str, title: str) -> str | None:
    """ROC curves of many systems with their areas and 95 % intervals; `None` where none is defined.

    The founding article's are grey and dashed, others coloured; each bears the number that it has in the legend.

    Args:
        lines: in the order of the legend; undefined ones are left out.
        key: unique in its page.
        title: whose labels judge, and how the corpus was split.
    """
    drawn = [line for line in lines if len(line.evaluation.curve) > 1]
    if not drawn:
        return None

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=(0, (1, 3)))
        handles = [_curve(axes, line, _style(drawn, index)) for index, line in enumerate(drawn)]
        if len(drawn) > 1:
            for index, line in enumerate(drawn):
                _tag(axes, line, index, len(drawn), _style(drawn, index)["color"])
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal", anchor="N")
        axes.set(xlabel="False positive rate", ylabel="True positive rate")
        names = [_legend(line, index, len(drawn)) for index, line in enumerate(drawn)]
        figure.legend(
            handles,
            names,
            loc="outside lower left",
            frameon=False,
            fontsize=10,
            handlelength=3.4,
            labelspacing=0.35,
            borderaxespad=0.2,
        )

    described = "; ".join(f"{line.name}: ROC AUC {auc_phrase(line.evaluation.auc)}" for line in drawn)
    height = 425 + LEGEND_LINE * len(drawn)
    return inline_svg(key, title, f"{described}. Dotted: chance.", (WIDTH, height), draw)


def _style(drawn: Sequence[RocLine], index: int) -> dict[str, Any]:
    """How a curve is drawn: by its place among those of its kind."""
    founding = drawn[index].founding
    place = sum(line.founding == founding for line in drawn[:index])
    if founding:
        return {"color": MUTED, "linestyle": _DASHES[place % len(_DASHES)], "linewidth": 1.3}
    # The second round of colours is told from the first by its dashes.
    turn = place // len(_COLOURS)
    solid = "-" if turn == 0 else _DASHES[(turn - 1) % len(_DASHES)]
    return {"color": _COLOURS[place % len(_COLOURS)], "linestyle": solid, "linewidth": 1.8}


def _curve(axes: Axes, line: RocLine, style: dict[str, Any]) -> Any:
    x, y = zip(*line.evaluation.curve, strict=True)
    return axes.plot(x, y, zorder=2 if line.founding else 3, **style)[0]


def _tag(axes: Axes, line: RocLine, index: int, count: int, colour: str) -> None:
    """The number of a curve, on it. Each number has a diagonal of its own, so that no two meet."""
    import numpy as np

    x, y = np.asarray(line.evaluation.curve).T
    diagonal = 0.25 + 1.5 * (index + 0.5) / count
    place = np.interp(diagonal, x + y, x), np.interp(diagonal, x + y, y)
    box = {"boxstyle": "circle,pad=0.22", "facecolor": PAPER, "edgecolor": colour, "linewidth": 1}
    axes.text(*place, str(index + 1), fontsize=8, ha="center", va="center", color=INK, bbox=box, zorder=5)


def _legend(line: RocLine, index: int, count: int) -> str:
    name = line.name if len(line.name) <= TITLE_LENGTH else f"{line.name[: TITLE_LENGTH - 1].rstrip()}…"
    tag = f"{index + 1}{_GAP}" if count > 1 else ""
    return f"{tag}{auc_short(line.evaluation.auc)}{_GAP}{name}"


def mel_correlation(found: Correlation, key: str = "mel-correlation") -> str:
    """The map of correlations of time-averaged Mel features, low bands first; what is undefined stays empty."""
    import math

    import numpy as np

    bands = len(found.matrix)
    known = found.matrix[np.isfinite(found.matrix)]
    # Correlations of Mel bands fill a part of −1..1 only: the scale begins at the last fifth below them.
    low = max(-1.0, math.floor(float(known.min()) * 5) / 5) if known.size else -1.0
    low = min(low, 0.8)

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        extent = (0.5, bands + 0.5, 0.5, bands + 0.5)
        image = axes.imshow(
            found.matrix, origin="lower", extent=extent, interpolation="none", cmap="magma", vmin=low, vmax=1.0
        )
        ticks = sorted({1, *(round(bands * step / (TICKS - 1)) for step in range(1, TICKS))} - {0})
        axes.set(xticks=ticks, yticks=ticks, xlabel="Mel band", ylabel="Mel band")
        bar = figure.colorbar(image, ax=axes, fraction=0.045, pad=0.02, label="Correlation")
        bar.outline.set_visible(False)

    title = "Correlation of time-averaged Mel features"
    return inline_svg(key, title, f"{found.caption} Bright is a high correlation.", (WIDTH, 350), draw)
