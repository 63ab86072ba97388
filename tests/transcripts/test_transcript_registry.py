from pathlib import Path

import pytest

from tonewise.errors import OptionError, TranscriptError
from tonewise.transcripts import TRANSCRIPT_EXTENSIONS, formats, read_transcript

SEEDS = Path(__file__).parents[1] / "fuzz" / "seeds"
#: One transcript a format, which says "Hello." from 1.0 to 2.5 s.
SAMPLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted(SEEDS.iterdir())}
SRT = SAMPLES["srt"]


def write(folder: Path, content: str | bytes, name: str = "call.txt") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_every_format_has_a_sample_here() -> None:
    assert set(SAMPLES) == set(formats())


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("extension", [".txt", ".json", ""])
def test_recognised_by_content_whatever_the_extension(tmp_path: Path, name: str, extension: str) -> None:
    transcript = read_transcript(write(tmp_path, SAMPLES[name], f"call{extension}"))
    assert transcript.format == name
    assert [(cue.start, cue.end, cue.text) for cue in transcript.cues] == [(1.0, 2.5, "Hello.")]
    assert transcript.problems == ()


@pytest.mark.parametrize("name", formats())
def test_named_format_is_used(tmp_path: Path, name: str) -> None:
    assert read_transcript(str(write(tmp_path, SAMPLES[name])), format=name).format == name


def test_richer_formats_are_preferred_beside_recordings() -> None:
    places = [TRANSCRIPT_EXTENSIONS.index(extension) for extension in (".json", ".nlp", ".vtt", ".srt", ".csv", ".txt")]
    assert places == sorted(places)
    assert places[0] == 0


@pytest.mark.parametrize("name", ["srt", "webvtt", "csv"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, name: str, encoding: str, newline: str) -> None:
    content = SAMPLES[name].replace("Hello.", "Déjà vu – “naïve”").replace("\n", newline)
    transcript = read_transcript(write(tmp_path, content.encode(encoding)))
    assert [cue.text for cue in transcript.cues] == ["Déjà vu – “naïve”"]


def test_utf16_big_endian(tmp_path: Path) -> None:
    transcript = read_transcript(write(tmp_path, b"\xfe\xff" + SRT.encode("utf-16-be")))
    assert transcript.cues[0].text == "Hello."


def test_whisper_text_longer_than_the_head(tmp_path: Path) -> None:
    text = 'He said \\"so\\" and {went} on: [laughs]. ' * 4000
    content = f'{{"text": "{text}", "segments": [{{"start": 0, "end": 1, "text": " So."}}], "language": "en"}}'
    transcript = read_transcript(write(tmp_path, content))
    assert (transcript.format, len(transcript.cues)) == ("whisper", 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"ID3\x04\x00\x00\x00\x00\xff\xfb\x90", "binary"),
        (b"\xff\xfe1", "binary"),
        (b"Hello there.\nThis is all that was said.\n", "without times; expected one of .*whisperx, whisper"),
        (b"id|Hello there.\nid2|This was said.\n", "without times"),
        (b"<TIME_ORDER/>", "in no known transcript format"),
        (b"client,path,sentence\n1,a.mp3,Hello\n", "has no times.*found client, path, sentence"),
        (b'{"text": "Hello."}', "no list of segments with times"),
        (b'{"segments": {"start": 1}}', "no list of segments"),
        (b'{"segments": [{"start": 1.0, "end"', "invalid JSON"),
        (b'{"segments": [{"text": "Hello."}]}', "no usable cue.*has no times"),
        (b"1\n00:00:01,000 --> later\nHello.\n", "no usable cue.*expected 'start --> end'"),
    ],
)
def test_what_is_no_timed_transcript(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(TranscriptError, match=message) as caught:
        read_transcript(write(tmp_path, content))
    assert "call.txt" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("opening", ['{"segments": ', '{"segments": [{"start": 0, "end": 1, "x": '])
def test_json_that_is_nested_too_deeply(tmp_path: Path, opening: str) -> None:
    path = write(tmp_path, opening + "[" * 200_000)
    with pytest.raises(TranscriptError, match="nested too deeply"):
        read_transcript(path)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="No such file"):
        read_transcript(tmp_path / "none.srt")


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="expected a readable transcript file"):
        read_transcript(tmp_path)


def test_unknown_format_name(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"unknown transcript format 'docx'.*webvtt"):
        read_transcript(write(tmp_path, SRT), format="docx")


@pytest.mark.parametrize("name", formats())
def test_a_format_that_a_file_is_not_in_gives_one_line(tmp_path: Path, name: str) -> None:
    for content in ("[]", "{}", "[[]]", "7", "Hello there.", SRT):
        try:
            read_transcript(write(tmp_path, content), format=name)
        except TranscriptError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("name", formats())
def test_nothing_is_not_read_of_a_file_in_another_format(tmp_path: Path, name: str) -> None:
    """A transcript without a cue would hide the one that lies beside it."""
    for content in ("{}", "Hello there.", *SAMPLES.values()):
        try:
            found = read_transcript(write(tmp_path, content), format=name)
        except TranscriptError:
            continue
        assert found.cues, content


@pytest.mark.real
def test_every_real_file_is_read_or_refused_in_one_line(shared: Path) -> None:
    for path in sorted((shared / "data" / "transcripts").rglob("*.*")):
        try:
            transcript = read_transcript(path)
        except TranscriptError as error:
            assert "\n" not in str(error)
        else:
            assert transcript.cues
