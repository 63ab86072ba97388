"""What changes of the sound did to a model's tones, told to people: a section of a page, Markdown, lines for a terminal.

All of it is made from the JSON of `tonewise.pipeline.robustness.RobustnessResult.as_json`, so that what a model or a script
has kept can be told again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tonewise.records import Interval
from tonewise.report import wording
from tonewise.report.markdown import table

if TYPE_CHECKING:
    from markupsafe import Markup

Found = Mapping[str, Any]

#: What a broken limit is called; `evaluation.robustness` names them.
BROKEN = {"change": "tones moved", "order": "order lost", "gold": "AUC fell"}
LEVELS = {"subtle": "hardly heard", "plain": "heard by anybody"}
SOURCE = (
    "The idea of such tests, and that a tone that moved by less than 0.05 counts as unchanged, is that of audEERING's "
    "ser-tests."
)


def headline(found: Found) -> str:
    """How many changes a model stood, and on what that rests."""
    clips = f"{wording.plural(found['utterances'], 'clip')} of {wording.plural(found['groups'], found['grouped_by'])}"
    voices = "that it was not trained on" if not found["trained_groups"] else "some of whom it was trained on"
    return f"Passed {found['passed']} of {wording.plural(found['tried'], 'change')} of the sound: {clips} {voices}."


def notes(found: Found) -> list[str]:
    """What must be known to read the table."""
    said = [_limits(found), _spread(found)]
    if found["trained_groups"]:
        groups = wording.plural(found["trained_groups"], found["grouped_by"])
        said.append(f"{groups} had a part in the model's training: its AUCs are flattered.")
    if found["baseline"] != "none":
        said.append(
            "Voices are judged against their own baseline, here that of the clips that were tried. Where all clips of a "
            "voice are changed, as on a call over one line, so is its baseline; “one clip” is one changed clip among clean "
            "ones."
        )
    if any(each["certain"] is False for each in found["changes"]):
        said.append(
            "Not certain: the 95 % interval of the AUC's fall holds its limit; more clips or speakers would tell."
        )
    return [*said, SOURCE]


def columns(found: Found) -> list[str]:
    """Headings of the table's columns."""
    gold = ["AUC", "AUC fell by (95 %)"] if found["gold_column"] else []
    mixed = ["One clip: change"] if _has_mixed(found) else []
    return ["Sound", "Mean change (95 %)", "Unchanged", "Other side", "Order ρ", *gold, *mixed, "Result"]


def rows(found: Found) -> list[list[str]]:
    """The table, a row a change."""
    return [_row(found, each) for each in found["changes"]]


def markdown(found: Found) -> str:
    """Headline, table and notes as Markdown."""
    lines = table(columns(found), rows(found))
    return "\n".join([headline(found), "", *lines, "", *(f"- {note}" for note in notes(found))]) + "\n"


def lines(found: Found) -> list[str]:
    """What a terminal shows: the headline and what failed, a line each."""
    failed = [each for each in found["changes"] if not each["passed"]]
    return [headline(found), *(f"{each['title']}: {result(each)}{_figures(each)}" for each in failed)]


def section(found: Found) -> Markup:
    """The inside of a page's section: headline, table, notes. Everything in it is escaped."""
    from markupsafe import Markup

    from tonewise.report.page import environment

    template = environment().get_template("robustness_section.html.j2")
    states = ["better" if each["passed"] else "worse" for each in found["changes"]]
    return Markup(
        template.render(
            headline=headline(found),
            columns=columns(found),
            rows=list(zip(rows(found), states, strict=True)),
            notes=notes(found),
            clean=None if found["clean"] is None else wording.auc_phrase(Interval(**found["clean"])),
            gold_column=found["gold_column"],
        )
    )


def result(change: Found) -> str:
    """Passed, or what was broken."""
    said = "passed" if change["passed"] else "failed: " + ", ".join(BROKEN[name] for name in change["failed"])
    return f"{said} (AUC not certain)" if change["certain"] is False else said


def estimate(found: Found | None, *, digits: int = 3) -> str:
    """A mean with its interval: "0.031 (0.024–0.040)"."""
    if found is None or found["value"] is None:
        return wording.UNDEFINED
    low, high = (wording.number(found[key], digits) for key in ("ci_low", "ci_high"))
    # Two minus signs and a dash are hard to tell apart.
    return f"{wording.number(found['value'], digits)} ({low} to {high})"


def _row(found: Found, change: Found) -> list[str]:
    gold = [wording.auc_short(_interval(change["auc"])), estimate(change["drop"])] if found["gold_column"] else []
    mixed = [wording.number(change["mixed"]["change"]["value"], 3)] if change["mixed"] else []
    return [
        change["title"],
        estimate(change["change"]),
        wording.percent(change["unchanged"]["value"]),
        wording.percent(change["flipped"]["value"]),
        wording.number(change["correlation"]["value"]),
        *gold,
        *(mixed or ([wording.UNDEFINED] if _has_mixed(found) else [])),
        result(change),
    ]


def _has_mixed(found: Found) -> bool:
    return any(each["mixed"] for each in found["changes"])


def _interval(found: Found | None) -> Interval | None:
    return None if found is None else Interval(**found)


def _figures(change: Found) -> str:
    fell = "" if change["drop"] is None else f"; AUC fell by {estimate(change['drop'])}"
    order = wording.number(change["correlation"]["value"])
    return f" (mean change {estimate(change['change'])}, order ρ {order}{fell})"


def _limits(found: Found) -> str:
    return "Limits: " + "; ".join(_allowed(found, level) for level in found["limits"]) + "."


def _allowed(found: Found, level: str) -> str:
    limits = found["limits"][level]
    titles = ", ".join(each["title"] for each in found["changes"] if each["level"] == level) or "none tried"
    return (
        f"of changes {LEVELS[level]} ({titles}) the mean change of the tone below {limits['change']:g}, the correlation of "
        f"the order above {limits['correlation']:g} and the fall of the gold AUC below {limits['auc_drop']:g}"
    )


def _spread(found: Found) -> str:
    spread = wording.number(found["spread"], 3)
    return f"Tones run from 0 to 1; those of the unchanged clips have a standard deviation of {spread}."
