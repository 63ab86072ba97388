"""Scores written to files: tables, JSON, label tracks, captions and pages, by the file's extension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio
from tonewise.errors import OptionError
from tonewise.pipeline.localising import local_recording
from tonewise.pipeline.results import score_json
from tonewise.records import RecordingScore
from tonewise.report.timelines import audacity_labels, webvtt
from tonewise.tables import check_format, write_json, write_table, write_text

if TYPE_CHECKING:
    import pandas as pd

OF_ONE = (".txt", ".vtt", ".html")  # kinds of files that hold one recording
OTHERS = (".json", *OF_ONE)


def check_output(output: Path, recordings: int) -> None:
    """Refuse an output before the work is done.

    Raises:
        OptionError: its kind is unknown, or holds one recording and there are several.
    """
    check_format(output, OTHERS)
    if output.suffix.lower() in OF_ONE and recordings > 1:
        raise OptionError(
            f"{output}: a {output.suffix} file holds one recording, and {recordings} were named; score them one by one, or "
            "write .json, .csv or .parquet"
        )


def write_scores(
    scored: Sequence[RecordingScore], recordings: Sequence[str | Path], output: Path, *, raw: str | None = None
) -> None:
    """Write scores; see `check_output`.

    Args:
        scored: one at least.
        recordings: as they were given: a score does not repeat the query of an address, without which there is no sound.
        output: .json, .csv or .parquet of any number; .txt (Audacity's labels), .vtt or .html of one.
        raw: what a recording without a header holds; a page shows and plays the sound.

    Raises:
        OptionError: it cannot be written.
    """
    check_output(output, len(scored))
    kind = output.suffix.lower()
    if kind == ".json":
        write_json(score_json(scored), output)
    elif kind == ".txt":
        write_text(audacity_labels(scored[0]), output)
    elif kind == ".vtt":
        write_text(webvtt(scored[0]), output)
    elif kind == ".html":
        write_text(page(scored[0], local_recording(recordings[0], raw), output), output)
    else:
        write_table(segments_table(scored), output)


def segments_table(scored: Sequence[RecordingScore]) -> pd.DataFrame:
    """One row a segment, with the recording's name in front."""
    import pandas as pd

    return pd.DataFrame([{"recording": one.recording, **asdict(segment)} for one in scored for segment in one.segments])


def page(score: RecordingScore, sound: Path, output: Path) -> str:
    """The page of a recording for the file `output`: the file `sound` is inside where it is small, else linked to.

    Raises:
        AudioError: the sound cannot be decoded any more.
        OSError: it cannot be read any more.
    """
    from tonewise.report.recording_sound import embedded_audio, linked_audio

    return drawn_page(score, sound, embedded_audio(sound) or linked_audio(sound, output))


def drawn_page(score: RecordingScore, sound: Path, audio_source: str | None) -> str:
    """The page of a recording whose sound is decoded from the file `sound` and played from `audio_source`.

    Raises:
        AudioError: the sound cannot be decoded.
    """
    from tonewise.report.recording import recording_page
    from tonewise.report.recording_sound import picture_sizes

    together = score.channels == 1 or (
        not score.scored_channels and not any(s.channel is not None for s in score.segments)
    )
    channels: list[int | None] = [None] if together else list(range(score.channels))
    count, columns, bands = picture_sizes(score.duration)
    pictures = audio.sound_pictures(sound, channels, count=count, columns=columns, bands=bands)
    return recording_page(
        score,
        peaks=[each.peaks for each in pictures],
        spectrogram=[each.spectrogram for each in pictures],
        audio_source=audio_source,
        title=Path(score.recording).name,
    )
