"""What `tonewise score` shows on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tonewise.cli.console import console, say, table
from tonewise.records import Problem, RecordingScore, Segment

if TYPE_CHECKING:
    from rich.table import Table

#: Problems that concern how the run was asked for rather than one recording: one line for all of them.
_OF_THE_RUN = frozenset({"roles_unknown", "agent_judged", "agent_not_judged", "other_version", "other_words"})


def show(scored: Sequence[RecordingScore], listed: int | None) -> None:
    """Segments and their summary; with `listed`, that many of the strongest mismatches instead of all segments."""
    screen = console()
    for recording in scored:
        screen.print(_segments(recording) if listed is None else _strongest(recording, listed))
        say(screen, _summary(recording))
    if scored:
        scale = str(scored[0].summary["tone_scale"])
        say(screen, f"{scale[:1].upper()}{scale[1:]}.")


def problems_of(scored: Sequence[RecordingScore]) -> list[Problem]:
    """Everybody's problems; see `merged`."""
    return merged([problem for recording in scored for problem in recording.problems])


def merged(problems: Sequence[Problem]) -> list[Problem]:
    """Problems of many recordings; what is said of every recording alike is said once."""
    found: list[Problem] = []
    repeated: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.kind in _OF_THE_RUN:
            repeated.setdefault(problem.kind, []).append(problem)
        else:
            found.append(problem)
    for alike in repeated.values():
        subject = alike[0].subject if len(alike) == 1 else f"{len(alike)} recordings, such as {alike[0].subject}"
        found.append(replace(alike[0], subject=subject, count=sum(problem.count for problem in alike)))
    return found


def strongest(recording: RecordingScore) -> list[Segment]:
    """Segments where words and voice disagree, the strongest first."""
    differing = [segment for segment in recording.segments if segment.mismatch]
    return sorted(differing, key=lambda segment: (-(segment.disagreement or 0.0), -abs(segment.words or 0.0)))


def _segments(recording: RecordingScore) -> Table:
    rows = [
        [
            f"{segment.start:8.2f} – {segment.end:.2f}",
            segment.speaker or segment.role or _channel(segment),
            _tone(segment),
            "" if segment.words is None else f"{segment.words:+.2f}",
            "≠" if segment.mismatch else "",
            _text(segment)[:60],
        ]
        for segment in recording.segments
    ]
    drawn = table(recording.recording, ["seconds", "speaker", "tone", "words", "", "text"], rows)
    drawn.columns[-1].justify = drawn.columns[1].justify = "left"
    return drawn


def _strongest(recording: RecordingScore, listed: int) -> Table:
    rows = [
        [
            f"{int(segment.start // 60):d}:{segment.start % 60:04.1f}",
            segment.speaker or segment.role or _channel(segment),
            f"{'kind' if (segment.words or 0) > 0 else 'hard'} words ({segment.words:+.2f}), sounds "
            f"{'negative' if (segment.words or 0) > 0 else 'positive'} ({segment.tone:.2f})",
            f"“{_text(segment)[:60]}”",
        ]
        for segment in strongest(recording)[:listed]
    ]
    drawn = table(f"{recording.recording}: where words and voice disagree most", ["at", "speaker", "", "text"], rows)
    for column in drawn.columns[1:]:
        column.justify = "left"
    return drawn


def _summary(recording: RecordingScore) -> str:
    from tonewise.report.wording import duration, number, percent

    summary = recording.summary
    told = [f"{duration(recording.duration)}, {summary['heard']} of {summary['segments']} segments heard"]
    if summary["mean_tone"] is not None:
        told.append(
            f"mean tone {number(summary['mean_tone'])}, {percent(summary['positive_share'])} of the speech positive"
        )
    if summary["trend"] is not None:
        told.append(f"{summary['trend']:+.2f} from the first third to the last")
    if summary["silence_share"] is not None:
        told.append(f"{percent(summary['silence_share'])} silence, {percent(summary['overlap_share'])} overlap")
    if any(segment.text for segment in recording.segments):
        told.append(f"{summary['mismatches']} where words and tone disagree")
    else:
        told.append("no words that tone could disagree with (a transcript brings them, or --transcribe)")
    return "; ".join(told) + "."


def _tone(segment: Segment) -> str:
    from tonewise.report.wording import number

    return number(segment.tone)


def _channel(segment: Segment) -> str:
    return "" if segment.channel is None else f"channel {segment.channel}"


def _text(segment: Segment) -> str:
    return " ".join((segment.text or "").split())
