"""Pictures of a comparison, and any picture as a file that is valid by itself."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from tonewise.errors import InputError
from tonewise.records import Evaluation, Interval
from tonewise.report import Correlation, LanguageResult, Spectrogram, figures, plots, svg_document
from tonewise.report.plots import RocLine, mel_correlation, roc_lines

SVG = "{http://www.w3.org/2000/svg}"
UNDEFINED = Evaluation(Interval(None, None, None, 12, 12, 2))


def line(auc: float, name: str = "A system", founding: bool = False) -> RocLine:
    x = np.linspace(0, 1, 50)
    curve = tuple(zip(x.tolist(), (x ** ((1 - auc) / auc)).tolist(), strict=True))
    return RocLine(name, Evaluation(Interval(auc, auc - 0.05, auc + 0.05, 300, 150, 12), curve=curve), founding)


def many() -> list[RocLine]:
    return [line(0.5 + index / 40, f"System number {index + 1}", index < 6) for index in range(14)]


def texts(drawing: str) -> list[str]:
    return [found.text or "" for found in ElementTree.fromstring(svg_document(drawing)).iter(f"{SVG}text")]


def test_each_of_many_curves_is_named_numbered_and_has_its_interval():
    drawn = roc_lines(many(), key="roc", title="ROC curves by gold labels (column mood), split by speaker")
    shown = texts(drawn)
    for index in range(14):
        assert str(index + 1) in shown  # on the curve
        auc = 0.5 + index / 40
        wanted = (
            f"{index + 1}\u2002\u2002{auc:.2f} ({auc - 0.05:.2f}–{auc + 0.05:.2f})\u2002\u2002System number {index + 1}"
        )
        assert wanted in shown
    assert "System number 14: ROC AUC 0.82 (95 % 0.77–0.88; 300 utterances, 12 speakers)" in drawn


def test_no_two_curves_look_alike():
    styles = [tuple(map(str, plots._style(many(), index).values())) for index in range(14)]
    assert len(set(styles)) == 14
    founding = [plots._style(many(), index) for index in range(6)]
    assert {style["color"] for style in founding} == {plots.MUTED}
    assert all(style["linestyle"] != "-" for style in founding)
    assert plots._style(many(), 6)["linestyle"] == "-"


def test_numbers_on_curves_do_not_meet():
    drawn = svg_document(roc_lines(many(), key="roc", title="t"))
    places = [
        (float(found.get("x")), float(found.get("y")))
        for found in ElementTree.fromstring(drawn).iter(f"{SVG}text")
        if "font-size: 8px" in (found.get("style") or "")
    ]
    assert len(places) == 14
    gaps = [np.hypot(a[0] - b[0], a[1] - b[1]) for i, a in enumerate(places) for b in places[:i]]
    assert min(gaps) > 12  # CSS pixels: the width of a circle


def test_one_curve_needs_no_number_and_undefined_ones_are_left_out():
    assert texts(roc_lines([line(0.8)], key="roc", title="t"))[-1] == "0.80 (0.75–0.85)\u2002\u2002A system"
    assert "Nobody" not in roc_lines([line(0.8), RocLine("Nobody", UNDEFINED)], key="roc", title="t")
    assert roc_lines([RocLine("Nobody", UNDEFINED)], key="roc", title="t") is None


def test_long_names_are_cut_below_the_plot_and_whole_in_the_description():
    name = "a very long name " * 6
    drawn = roc_lines([line(0.8, name)], key="roc", title="t")
    assert texts(drawn)[-1].endswith("…") and name.strip() in drawn


def test_correlations_say_of_how_many_and_how_high():
    values = np.random.default_rng(0).normal(size=(40, 6))
    found = Correlation(np.corrcoef(values, rowvar=False), 40)
    low = found.matrix.min()
    assert f"40 utterances; between two bands {low:.2f}".replace("-", "−") in found.caption
    drawn = mel_correlation(found)
    assert "40 utterances" in drawn and ">Correlation</text>" in drawn and ">Mel band</text>" in drawn


def test_bands_that_never_change_stay_empty():
    matrix = np.full((4, 4), 0.9)
    matrix[0, :] = matrix[:, 0] = np.nan
    assert "without 1 band of constant level" in Correlation(matrix, 9).facts
    ElementTree.fromstring(svg_document(mel_correlation(Correlation(matrix, 9))))
    nothing = Correlation(np.full((4, 4), np.nan), 9)
    assert nothing.facts == "9 utterances; no correlation is defined"
    ElementTree.fromstring(svg_document(mel_correlation(nothing)))
    assert Correlation(np.eye(1), 9).facts == "9 utterances; no correlation is defined"


@pytest.mark.parametrize("shape", [(3, 4), (3,), (0, 0)])
def test_what_is_no_matrix_of_correlations_is_refused(shape):
    with pytest.raises(InputError, match="square"):
        Correlation(np.zeros(shape), 3)


def drawings() -> dict[str, str]:
    language = LanguageResult("en", "English & <b>\x07more</b>", line(0.8).evaluation, (0.6, 0.9), (0.1,))
    sound = Spectrogram("Labelled positive", np.random.default_rng(0).normal(-40, 9, (64, 90)), 7.0, (1.0, 2.0))
    return {
        "roc": roc_lines(many(), key="roc", title="ROC <&> curves"),
        "correlation": mel_correlation(Correlation(np.eye(64), 9)),
        "spectrogram": figures.spectrogram(sound, "mel1", 0.0),
        "languages": figures.languages([language]),
    }


@pytest.mark.parametrize("name", ["roc", "correlation", "spectrogram", "languages"])
def test_a_file_is_valid_and_needs_no_page(name):
    document = svg_document(drawings()[name], "12 voices & more")
    root = ElementTree.fromstring(document)
    assert root.tag == f"{SVG}svg" and root.get("font-family") and float(root.get("width")) > 400
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top) == (0, -46) and float(root.get("height")) / height == float(root.get("width")) / width
    assert root[0].tag == f"{SVG}title" and root[1].tag == f"{SVG}desc" and root[0].text and root[1].text
    shown = [found.text for found in root.iter(f"{SVG}text")]
    assert shown[0] == root[0].text and shown[1] == "12 voices & more"
    assert "var(" not in document and "currentColor" not in document and "#0102" not in document
    ids = re.findall(r'\bid="([^"]+)"', document)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^)"]+)', document)) <= set(ids)
    assert set(root.get("aria-labelledby").split()) <= set(ids)


def test_a_file_without_a_remark_has_no_empty_line():
    root = ElementTree.fromstring(svg_document(drawings()["roc"]))
    assert root.get("viewBox").startswith("0 -30 ")


def test_the_same_picture_gives_the_same_bytes():
    assert drawings() == drawings()
