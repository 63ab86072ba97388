"""Recordings that are made to do harm, opened as any other: nothing else is read, no address is asked, nothing swells."""

from __future__ import annotations

import ast
import io
import resource
import socket
from pathlib import Path

import av
import hostile_media
import numpy as np
import pytest
import soundfile

import tonewise
from tonewise.audio import allowed, probe, read
from tonewise.errors import AudioError

ABSURD = 1 << 30  # bytes that no file here may take
NAMES = {"HLS": "a.m3u8", "ffconcat": "a.ffconcat", "DASH": "a.mpd", "SDP": "a.sdp", "ASX": "a.asx"}


def said_of(path: Path) -> str | None:
    """What is said of a file when it is opened and read, None where it is heard."""
    try:
        info = probe(path)
        read(path, 0.0, min(info.duration, 60.0))
    except AudioError as error:
        return str(error)
    return None


@pytest.fixture
def listener():
    """A server that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def called(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("kind", hostile_media.POINTERS)
@pytest.mark.parametrize("scheme", ["http", "tcp", "rtsp", "hls+http", "file"])
def test_no_file_names_another_one(tmp_path, listener, kind, scheme):
    soundfile.write(tmp_path / "secret.wav", hostile_media.tone(), hostile_media.RATE)
    where = f"127.0.0.1:{listener.getsockname()[1]}/secret.wav"
    target = f"file://{tmp_path}/secret.wav" if scheme == "file" else f"{scheme}://{where}"
    for name in ("a.mp3", NAMES.get(kind, "a.wav")):
        path = hostile_media.write(tmp_path, name, hostile_media.POINTERS[kind](target))
        assert "expected audio such as WAV" in (said_of(path) or "")
    assert not called(listener)


def test_the_listener_would_notice(tmp_path, listener):
    with socket.create_connection(listener.getsockname()):
        assert called(listener)


def test_the_script_would_be_followed_without_the_allow_list(tmp_path):
    soundfile.write(tmp_path / "secret.wav", hostile_media.tone(), hostile_media.RATE)
    path = hostile_media.write(tmp_path, "a.ffconcat", hostile_media.concat("secret.wav"))
    with av.open(str(path)) as followed:
        assert followed.format.name == "concat" and next(followed.decode(audio=0)).samples
    with pytest.raises(av.FFmpegError):
        av.open(str(path), container_options=dict(allowed.OPTIONS))


def test_sound_that_a_mov_keeps_elsewhere_is_not_fetched(tmp_path):
    (tmp_path / "secret.pcm").write_bytes((hostile_media.tone() * 32_767).astype("<i2").tobytes())
    path = hostile_media.write(tmp_path, "a.mov", hostile_media.mov_with_reference("secret.pcm"))
    with av.open(str(path), options={"enable_drefs": "1"}) as followed:  # the file works
        assert max(np.abs(frame.to_ndarray()).max() for frame in followed.decode(audio=0)) > 5_000
    assert "truncated" in (said_of(path) or "")
    assert not np.abs(read(path)).sum()


def test_pictures_are_not_decoded(tmp_path):
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as output:
        video = output.add_stream("mpeg4", rate=5)
        video.width = video.height = 32
        picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        for packet in (*video.encode(picture), *video.encode(None)):
            output.mux(packet)
    assert "no recording" in (said_of(path) or "")
    assert not {"mpeg4", "h264", "mjpeg", "png", "hevc", "wavesynth"} & set(allowed.CODECS)


def test_only_containers_of_recordings_are_opened():
    assert not {"hls", "concat", "dash", "sdp", "rtsp", "rtp", "image2", "lavfi", "tedcaptions"} & set(
        allowed.CONTAINERS
    )
    assert set(allowed.CONTAINERS) <= av.formats_available
    assert set(allowed.CODECS) <= av.codecs_available


@pytest.mark.parametrize("what", hostile_media.CLAIMS)
def test_what_a_header_claims_is_not_believed(tmp_path, what):
    name, make = hostile_media.CLAIMS[what]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = said_of(hostile_media.write(tmp_path, name, make()))
    assert said is None or ("\n" not in said and len(said) < 400)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < ABSURD


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("Opus of 255 channels", "states 255 channels; expected 1 to 64"),
        ("MP3 that states 4 billion frames", "hours of sound; expected at most 1,000"),
        ("gzip bomb", "is no recording"),
        ("zip bomb", "is no recording"),
    ],
)
def test_absurd_claims_are_told(tmp_path, what, said):
    name, make = hostile_media.CLAIMS[what]
    assert said in (said_of(hostile_media.write(tmp_path, name, make())) or "")


def test_a_flac_that_is_a_bomb_is_refused_by_its_header(tmp_path):
    path = hostile_media.write(tmp_path, "bomb.flac", hostile_media.flac_bomb(1_200, rate=1_000))
    assert path.stat().st_size < 1_100_000
    assert "states 1,200 hours of sound; expected at most 1,000" in (said_of(path) or "")


def test_a_flac_of_unstated_length_is_heard(tmp_path):
    path = hostile_media.write(tmp_path, "streamed.flac", hostile_media.flac_bomb(0.02, stated=False))
    assert probe(path).duration == pytest.approx(72, abs=9)
    assert len(read(path, 60.0, 1.0)) == 16_000


def test_sound_that_changes_half_way_is_refused(tmp_path):
    narrow, wide = (hostile_media.encoded("aac", "adts", 1.0, rate) for rate in (16_000, 48_000))
    path = hostile_media.write(tmp_path, "changes.aac", narrow + wide)
    with pytest.raises(AudioError, match="changes its sample rate or its channels half-way"):
        read(path)


def transport_stream(tracks: int) -> bytes:
    """A second of silence on each of several tracks, as MPEG-TS."""
    content = io.BytesIO()
    with av.open(content, "w", format="mpegts") as output:
        for track in [output.add_stream("mp2", rate=48_000, layout="mono") for _ in range(tracks)]:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.int16), format="s16", layout="mono")
            frame.sample_rate = 48_000
            pieces = av.AudioResampler("s16", "mono", 48_000, frame_size=track.frame_size).resample(frame)
            for piece in (*pieces, None):
                for packet in track.encode(piece):
                    output.mux(packet)
    return content.getvalue()


def test_streams_that_appear_half_way_are_not_let_in(tmp_path):
    """PyAV 18.1 reads beyond its list of streams, and may fail with an IndexError; found by fuzzing."""
    one = transport_stream(1)
    path = hostile_media.write(tmp_path, "late.ts", one * 90 + transport_stream(3) + one * 5)
    with av.open(str(path)) as opened:
        assert len(opened.streams) == 1
    assert len(read(path, 0.0, 10.0)) == 160_000
    with pytest.raises(AudioError, match="more streams or memory than it may have"):
        read(path)


def test_readers_that_nobody_needs_are_not_run(tmp_path):
    """libsndfile would read MATLAB's files, and much else."""
    path = tmp_path / "a.wav"
    soundfile.write(path, hostile_media.tone(), hostile_media.RATE, format="MAT5", subtype="PCM_16")
    assert soundfile.info(path).frames == hostile_media.RATE
    assert "is no recording" in (said_of(path) or "")


def test_one_place_opens_files_with_ffmpeg():
    """Everything else that calls `av.open` reads or writes memory of its own."""
    source = Path(tonewise.__file__).parent
    found = set()
    for module in source.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "av.open":
                found.add(module.relative_to(source).as_posix())
    assert found == {"audio/container.py", "audio/perturb_codec.py"}
