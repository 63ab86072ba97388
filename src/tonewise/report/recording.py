"""One self-contained HTML page of a scored recording: to look at, to listen to and to read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from tonewise.records import Curve, RecordingScore
from tonewise.report import recording_data, recording_view, wording
from tonewise.version import __version__

if TYPE_CHECKING:
    import numpy as np

MOST_LANES = 6  # curves that are drawn, those of the voices with most to say; more do not fit a screen
LISTED = 8  # mismatches in the open list; the others are folded away

NOTES = (
    "Tone is what a model heard, without the words. It ranks: where the model was calibrated, 0.7 means that of a hundred "
    "sentences that sound like this, about seventy have positive words. It was calibrated against such weak labels, not "
    "against what anybody felt.",
    "The shaded band is the 95 % interval of the smoothed curve. It knows how sentences scatter; it does not know how far "
    "the model is from hearing tone at all, which the model's card tells.",
)

#: Addresses that a page may play: sound inside it, or beside it on the same disk or server.
_EMBEDDED = re.compile(r"data:audio/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]*\Z")
_LINKED = re.compile(r"(?!//)(?![A-Za-z][A-Za-z0-9+.-]*:)[^\s\\]+\Z")


def recording_page(
    score: RecordingScore,
    *,
    peaks: Sequence[np.ndarray],
    spectrogram: Sequence[np.ndarray],
    audio_source: str | None,
    title: str,
) -> str:
    """A page with waveform, tone, spectrogram and transcript, which plays, follows and can be used without a mouse.

    It asks nothing of any network (its content security policy forbids it), equal arguments give equal bytes, and whatever
    comes from the corpus is escaped. `recording_sound.picture_sizes` tells good sizes of the pictures.

    Args:
        score: what was scored.
        peaks: float `(count, 2)` a channel (`audio.SoundPicture`), or one for all channels together.
        spectrogram: uint8 `(bands, columns)` of the same channels.
        audio_source: a `data:audio/…` address, or one relative to the page; None = the page is silent.
        title: of the page.

    Raises:
        ValueError: `audio_source` is neither, or the pictures are not of the same channels.
    """
    if audio_source is not None and not (_EMBEDDED.match(audio_source) or _LINKED.match(audio_source)):
        raise ValueError(
            f"{audio_source[:80]!r} is no sound inside or beside the page; expected data:audio/… or a path"
        )
    if len(peaks) != len(spectrogram) or len(peaks) not in (1, score.channels):
        raise ValueError(f"{len(peaks)} waveforms and {len(spectrogram)} spectrograms of {score.channels} channels")
    from tonewise.report.page import environment, script_context

    curves = _drawn(score.curves)
    channels = recording_view.channel_names(score, len(peaks))
    return (
        environment()
        .get_template("recording.html.j2")
        .render(
            title=title,
            version=__version__,
            **script_context("player", "player.js"),  # as `make frontend` built it
            data=recording_data.inside_html(recording_data.player_data(score, curves, peaks, spectrogram)),
            audio_source=audio_source,
            name=PurePath(score.recording).name,
            score=score,
            lanes=recording_view.lanes(channels, curves),
            undrawn=len(score.curves) - len(curves),
            rows=recording_view.rows(score),
            strongest=recording_view.strongest_first(score),
            listed=LISTED,
            curve_names=[recording_view.curve_name(each) for each in curves],
            curve_rows=recording_view.curve_table(curves, score.duration),
            notes=(*NOTES, wording.COARSE, wording.LAW),
            view=recording_view,
        )
    )


def _drawn(curves: Sequence[Curve]) -> list[Curve]:
    """The curves that get a lane, in their own order."""
    longest = sorted(curves, key=lambda each: -len(each.points))[:MOST_LANES]
    return [each for each in curves if each.points and any(each is one for one in longest)]
