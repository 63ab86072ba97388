"""Files decoded in a process that can be killed: what passes, what is refused, and what a harmed process leaves behind."""

from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import time

import hostile_media
import numpy as np
import pytest
import soundfile

from tonewise.audio import checking, declare, parse_raw
from tonewise.audio.checking import CRASHED, DECODED, REFUSED, SWOLLEN, TIMED_OUT, Checked, Checker, Limits
from tonewise.errors import OptionError, TonewiseError

READY = "import os, sys, json; print(json.dumps({'ready': True}), flush=True); sys.stdin.readline(); "


def check(path, limits=None) -> Checked:
    """A file that passes."""
    with Checker(limits) as checker:
        found = checker.examine(path).checked
    assert found is not None
    return found


def refused(path, limits=None) -> str:
    """Why a file does not pass."""
    with Checker(limits) as checker:
        outcome = checker.examine(path)
    assert outcome.kind == REFUSED and outcome.checked is None
    return str(outcome.why)


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "good.wav"
    soundfile.write(path, hostile_media.tone(2.0), hostile_media.RATE)
    return path


@pytest.fixture
def child(monkeypatch):
    """Puts a program of the test's own in the place of the one that decodes."""

    def put(program: str) -> None:
        monkeypatch.setattr(checking, "_command", lambda _: [sys.executable, "-c", READY + program])

    return put


def test_a_good_file_passes(good):
    found = check(good)
    assert (found.duration, found.sample_rate, found.channels) == (2.0, hostile_media.RATE, 1)
    assert found.path == str(good) and found.damaged is None


def test_a_damaged_file_is_harmless(tmp_path):
    path = tmp_path / "half.flac"
    soundfile.write(path, hostile_media.tone(20.0), hostile_media.RATE)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found = check(path)
    assert found.duration < 20.0 and "is damaged at" in found.damaged


def test_one_process_decodes_many_files(good, tmp_path):
    with Checker() as checker:
        assert checker.examine(tmp_path / "gone.wav").kind == REFUSED
        process = checker._child._process
        assert [checker.examine(good).kind for _ in range(3)] == [DECODED] * 3
        assert checker._child._process is process
    assert process.poll() is not None


def test_a_process_is_not_used_for_ever(good, monkeypatch):
    monkeypatch.setattr(checking, "FILES_A_CHILD", 2)
    with Checker() as checker:
        checker.examine(good)
        first = checker._child._process
        checker.examine(good)
        assert checker._child._process is first
        assert checker.examine(good).kind == DECODED
        assert checker._child._process is not first and first.poll() is not None


@pytest.mark.parametrize("ours", [True, False])
def test_a_process_that_died_between_two_files_is_no_fault_of_the_second(good, ours):
    """Killed by our own clock, late, or by the system, which had no memory left."""
    with Checker() as checker:
        checker.examine(good)
        if ours:
            checker.interrupt()
        else:
            checker._child._process.kill()
            checker._child._process.wait()
        assert checker.examine(good).kind == DECODED


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(bytes=1_000), "has 0 MB, and at most 0 MB"),
        (Limits(duration=1.5), "hours of sound or more, and of a stranger's file at most"),
    ],
)
def test_what_exceeds_a_limit_is_refused(good, limits, said):
    why = refused(good, limits)
    assert said in why and why.startswith(str(good)) and "\n" not in why


def test_too_many_channels_are_refused(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros((100, 5)), 8_000)
    why = refused(tmp_path / "a.wav", Limits(channels=4))
    assert "has 5 channels, and of a stranger's file at most 4" in why


def test_a_header_that_understates_does_not_help(tmp_path):
    path = hostile_media.write(tmp_path, "a.opus", hostile_media.opus_bomb(0.05))
    with Checker(Limits(duration=60.0)) as checker:
        assert "hours of sound or more" in checker.examine(path).why


@pytest.mark.parametrize(("name", "content"), [("text.wav", b"Minutes of the meeting\n"), ("a.raw", b"\1\2" * 500)])
def test_what_is_no_recording_is_refused(tmp_path, name, content):
    path = hostile_media.write(tmp_path, name, content)
    with Checker() as checker:
        assert checker.examine(path).kind == REFUSED


def test_sound_without_a_header_is_what_it_was_declared_to_be(tmp_path):
    path = hostile_media.write(tmp_path, "declared.raw", bytes(16_000))
    declare(path, parse_raw("pcm16:8000"))
    assert check(path).duration == 1.0


def test_a_file_that_takes_for_ever_is_given_up(tmp_path, good):
    path = hostile_media.write(tmp_path, "long.flac", hostile_media.flac_bomb(5, stated=False))
    began = time.monotonic()
    with Checker(Limits(seconds=0.5)) as checker:
        outcome = checker.examine(path)
        assert outcome.kind == TIMED_OUT and "for more than 0.5 s; left out" in outcome.why
        assert checker.examine(good).kind == DECODED
    assert time.monotonic() - began < 15


def test_a_file_that_asks_for_memory_gets_none(tmp_path, good):
    header = bytearray(hostile_media.wav(channels=16, rate=96_000))
    header[40:44] = struct.pack("<I", 32 * 96_000 * 4)
    path = hostile_media.write(tmp_path, "wide.wav", bytes(header[:44]) + bytes(32 * 96_000 * 4))
    with Checker(Limits(memory=8 << 20)) as checker:
        outcome = checker.examine(path)
        assert outcome.kind == SWOLLEN and "more than 8 MB of memory; left out" in outcome.why
        assert checker.examine(good).kind == DECODED


@pytest.mark.parametrize(
    ("program", "kind", "said"),
    [
        ("os.kill(os.getpid(), 11)", CRASHED, r"crash \(SIGSEGV\)"),
        ("os.kill(os.getpid(), 6)", CRASHED, r"crash \(SIGABRT\)"),
        ("os.kill(os.getpid(), 24)", TIMED_OUT, "busy for more than"),
        ("os.kill(os.getpid(), 9)", SWOLLEN, "of memory"),
        ("sys.exit(3)", CRASHED, r"crash \(exit status 3\)"),
        ("print('{{{')", CRASHED, "crash"),
        ("print(json.dumps({'path': 1, 'kind': 2}))", CRASHED, "answered nonsense"),
        ("print('[' * 60_000)", CRASHED, "answered nonsense"),
        (
            "print(json.dumps({'mistake': 'Traceback\\n  x\\nTypeError: y'}))",
            CRASHED,
            r"tonewise fail \(TypeError: y\)",
        ),
        ("import time; time.sleep(60)", TIMED_OUT, "busy for more than 1 s"),
    ],
)
def test_whatever_becomes_of_the_process_is_one_line(good, child, program, kind, said):
    child(program)
    with Checker(Limits(seconds=1.0)) as checker:
        outcome = checker.examine(good)
    assert outcome.kind == kind and outcome.checked is None
    assert re.search(said, outcome.why) and "\n" not in outcome.why and "left out" in outcome.why


def test_a_process_that_does_not_start_is_told(good, monkeypatch):
    monkeypatch.setattr(checking, "_command", lambda _: [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(TonewiseError, match="cannot be started"):
        check(good)


def test_a_mistake_of_ours_is_told_with_its_traceback():
    command = [*checking._command(Limits())]
    done = subprocess.run(command, input=b"nonsense\n", capture_output=True, env=checking._environment(), check=False)
    ready, mistake = map(json.loads, done.stdout.splitlines())
    assert ready == {"ready": True} and "JSONDecodeError" in mistake["mistake"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_the_process_can_neither_write_nor_grow(tmp_path):
    program = (
        "from tonewise.audio.checking_child import confine\n"
        "from tonewise.audio.checking import Limits\n"
        "confine(Limits(memory=64 << 20))\n"
        "told = []\n"
        "try:\n    open('written', 'wb', 0).write(b'x' * 10)\nexcept OSError as error:\n    told.append('file')\n"
        "try:\n    bytearray(256 << 20)\nexcept MemoryError:\n    told.append('memory')\n"
        "try:\n    kept = [open('/dev/null') for _ in range(100)]\nexcept OSError:\n    told.append('descriptors')\n"
        "import os; os.write(1, ' '.join(told).encode())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, env=checking._environment(), check=False
    )
    assert done.stdout == b"file memory descriptors"


def test_the_process_knows_no_secrets(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    assert sys.platform == "win32" or "sk-secret" not in checking._environment().values()


def test_modules_of_the_current_folder_are_not_run(good, monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('taken over')")
    monkeypatch.chdir(tmp_path)
    assert check(good).duration == 2.0


@pytest.mark.parametrize("name", ["seconds", "bytes", "duration", "channels", "memory"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(OptionError, match=f"for '{name}' lets nothing pass"):
        Limits(**{name: 0})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.wav")
    assert "is a pipe or a device" in refused(tmp_path / "pipe.wav")
