"""A scored recording as other programs read it: Audacity's labels and WebVTT captions with the tone in front."""

from __future__ import annotations

from tonewise.records import RecordingScore, Segment
from tonewise.report.recording_view import SYMBOLS, tone_kind


def audacity_labels(score: RecordingScore) -> str:
    """Label track for Audacity (File, Import, Labels): a line a segment, start and end in seconds and the label, by tabs.

    Source: Audacity manual, "Importing and Exporting Labels".
    """
    return "".join(f"{each.start:.6f}\t{each.end:.6f}\t{_one_line(_label(each))}\n" for each in score.segments)


def webvtt(score: RecordingScore) -> str:
    """Captions with `<v SPEAKER>` and the tone in brackets; a player that shows classes may colour them.

    Classes of a caption are `positive` or `negative`, and `mismatch`; one without a tone has none.

    Source: W3C, "WebVTT: The Web Video Text Tracks Format".
    """
    note = f"NOTE {_plain(score.summary.get('tone_scale', 'tone is 0 (negative) to 1 (positive)'))}"
    return "\n\n".join(["WEBVTT", note, *(_cue(segment) for segment in score.segments)]) + "\n"


def _label(segment: Segment) -> str:
    who = segment.speaker or segment.role or ("" if segment.channel is None else f"channel {segment.channel}")
    told = [_tone(segment), "≠" if segment.mismatch else "", f"{who}:" if who else "", segment.text or ""]
    return " ".join(each for each in told if each)


def _tone(segment: Segment) -> str:
    """The tone, with an arrow unless it is near the middle, so that nobody has to remember which end is which."""
    if segment.tone is None:
        return ""
    kind = tone_kind(segment.tone)
    arrow = "" if kind == "even" else f" {SYMBOLS[kind]}"
    return f"[{segment.tone:.2f}{arrow}]"


def _cue(segment: Segment) -> str:
    classes = "".join(f".{name}" for name in _classes(segment))
    who = _plain(segment.speaker or segment.role or "")
    text = _plain(" ".join(filter(None, [_tone(segment), "≠" if segment.mismatch else "", segment.text])))
    inner = f"<c{classes}>{text}</c>" if classes else text
    # A caption has to last, and to hold something.
    end = max(segment.end, segment.start + 0.001)
    spoken = f"<v {who}>{inner}</v>" if who else inner
    return f"{_clock(segment.start)} --> {_clock(end)}\n{spoken or '–'}"


def _classes(segment: Segment) -> list[str]:
    if segment.tone is None:
        return []
    return ["positive" if segment.tone > 0.5 else "negative", *(["mismatch"] if segment.mismatch else [])]


def _clock(seconds: float) -> str:
    milliseconds = round(max(seconds, 0.0) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _one_line(text: str) -> str:
    """Text without line breaks and tabs, which would end a label."""
    return " ".join(text.split())


def _plain(text: str) -> str:
    """Text on one line that is no markup; escaping `>` takes care of arrows, too."""
    return _one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
