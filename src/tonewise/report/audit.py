"""What an audit found, told to people: does a model hear tone, or read words?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tonewise.records import Interval, Problem
from tonewise.report import wording
from tonewise.report.markdown import escaped, table

if TYPE_CHECKING:
    from markupsafe import Markup

    from tonewise.evaluation.audit import AuditFindings
    from tonewise.evaluation.audit_intervals import Estimate

COLUMNS = ("Clips", "Sound: ROC AUC (95 %)", "Words alone", "Length alone", "Trained on", "Tested")

SPLITS = {
    "random": "random: voices and words are known",
    "speaker": "new voices",
    "matched": "new voices, less to learn from",
    "lexical": "new voices and new {held_out}",
}
SOUNDS = {
    "low-pass": "new voices, low-pass: only pitch, loudness and timing are left",
    "hum": "new voices, hummed: a buzz with the voice's pitch and loudness",
}
REPEATED = "new voices, pairs that say the same"

STATES = {"hears tone": "better", "reads words": "worse", "cannot tell": "unclear"}

READING = (
    "ROC AUC says how often a positive clip gets a higher score than a negative one; guessing gets 0.5. Intervals allow for "
    "clips of one voice being alike, and clips with the same words being alike.",
    "“New voices, less to learn from” is trained on as many utterances as “new voices and new words” and tested on the very "
    "same clips: what is lost between the two is lost with the words.",
    "Words alone is a text classifier that learned and was tested on the same clips. Where it does well on new words, not "
    "all that tells the labels could be held out.",
    "Length alone looks only at how long a clip is. Where it ranks as well as the sound, the corpus may have been cut so "
    "that lengths give the labels away, and nothing can be said of tone.",
    "How much of the score text can predict is no proof of reading by itself: where people say kind words kindly, text "
    "predicts the tone, too.",
    "Clips without words lose the quality of the voice as well: a model may fall there that reads nothing.",
    "What is audited is how the model was made, trained anew on this corpus: a finished model cannot be made to forget the "
    "voices and words that it knows.",
)


def headline(found: AuditFindings) -> str:
    """The one-line verdict."""
    return f"{wording.capital(found.verdict.name)}: {found.verdict.why}."


def rows(found: AuditFindings) -> list[list[str]]:
    """The table of AUCs, a row a kind of clips, under `COLUMNS`."""
    made = []
    for each in found.splits:
        title = wording.capital(SPLITS[each.name].format(held_out=found.held_out or "words"))
        trained = f"{wording.count(each.trained)} clips"
        alone = [_alone(each.text), _alone(each.length)]
        made.append([title, wording.auc_short(each.auc), *alone, trained, _tested(each.auc, each.contents)])
    if found.repeated is not None:
        made.append(
            [wording.capital(REPEATED), wording.auc_short(found.repeated), "0.50", "", "", _tested(found.repeated)]
        )
    for sound in found.sounds:
        untouched = f"{_tested(sound.auc)}; untouched {wording.auc_short(sound.untouched)}"
        made.append(
            [wording.capital(SOUNDS.get(sound.name, sound.name)), wording.auc_short(sound.auc), "", "", "", untouched]
        )
    return made


def facts(found: AuditFindings) -> list[tuple[str, str]]:
    """What the table comes to: (what, figure with its interval)."""
    held_out = found.held_out or "words"
    return [
        (f"Skill left on new {held_out}", _share(found.kept)),
        (f"AUC lost with new {held_out}", _estimate(found.fall)),
        (f"Sound above words alone, on new {held_out}", _estimate(found.above_text)),
        (f"Sound above length alone, on new {held_out}", _estimate(found.above_length)),
        ("Share of the sound's score that text predicts", _share(found.text_share)),
        ("AUC of pairs that say the same", _repeated(found.repeated)),
    ]


def missing(found: AuditFindings) -> list[str]:
    """Splits that were not possible, and why."""
    return [f"No {name} split: {why}." for name, why in found.missing.items()]


def audit_markdown(found: AuditFindings) -> str:
    """Verdict, table, figures and the rule as Markdown, for a model card or docs."""
    lines = [f"**{escaped(headline(found))}**", "", f"Judged by {escaped(found.truth)}.", ""]
    lines += [*table(COLUMNS, rows(found)), ""]
    lines += [f"- {escaped(what)}: {escaped(figure)}" for what, figure in facts(found)]
    lines += [f"- {escaped(each)}" for each in missing(found)]
    return "\n".join([*lines, "", f"Rule: {escaped(found.rule)}"]) + "\n"


def audit_section(found: AuditFindings) -> Markup:
    """The inside of a page's section: verdict, table, figures, rule. Everything in it is escaped."""
    from markupsafe import Markup

    from tonewise.report.page import environment

    template = environment().get_template("audit_section.html.j2")
    return Markup(
        template.render(
            found=found,
            headline=headline(found),
            state=STATES[found.verdict.name],
            columns=COLUMNS,
            rows=rows(found),
            facts=facts(found),
            missing=missing(found),
        )
    )


def audit_report(
    findings: Sequence[AuditFindings],
    *,
    about: Mapping[str, str],
    problems: Sequence[Problem] = (),
    robustness: Mapping[str, Any] | None = None,
) -> str:
    """A self-contained HTML page about an audit. Equal arguments give equal bytes; what comes from the corpus is escaped.

    Args:
        findings: the telling one first.
        about: what was audited, name to value.
        problems: what was left out.
        robustness: JSON of the robustness suite, None = it was not run.
    """
    from tonewise.report import robustness as suite
    from tonewise.report.page import environment
    from tonewise.version import __version__

    return (
        environment()
        .get_template("audit.html.j2")
        .render(
            sections_of=[(each.truth, audit_section(each)) for each in findings],
            about=about,
            reading=READING,
            robustness=None if robustness is None else suite.section(robustness),
            problems=tuple(problems),
            title="Tone or words?",
            version=__version__,
        )
    )


def _alone(found: Interval | None) -> str:
    return "unknown" if found is None else wording.auc_short(found)


def _tested(interval: Interval, contents: int = 0) -> str:
    said = f", {wording.count(contents)} different" if contents else ""
    return f"{wording.sample(interval)}{said}"


def _share(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return wording.UNDEFINED
    return f"{_percent(found.value)}{_range(found, _percent)}"


def _estimate(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return wording.UNDEFINED
    return f"{wording.number(found.value)}{_range(found, wording.number)}"


def _range(found: Estimate, told: Any) -> str:
    if found.ci_low is None or found.ci_high is None:
        return f" (interval {wording.UNDEFINED})"
    return f" ({told(found.ci_low)} to {told(found.ci_high)})"


def _percent(share: float) -> str:
    return f"{round(share * 100) + 0:d} %".replace("-", wording.MINUS)


def _repeated(interval: Interval | None) -> str:
    return "there are none with different labels" if interval is None else wording.auc_short(interval)
