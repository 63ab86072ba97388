"""A program of its own: espeak-ng behind a pipe, started by `tonewise.demo.espeak` and never imported.

It needs the standard library only, and runs in the folder that holds espeak-ng-data: espeak-ng keeps paths in
160 bytes, and "." is short wherever that folder is. The C library is loaded here and nowhere else, so that
its GPL-3.0 code shares no process with tonewise, a crash of it cannot take the caller along, and every run
starts from the same inner state (espeak-ng's flutter and noise carry on from one sentence to the next: the
same sentence sounds different the second time).

Standard input is one JSON object: `library` (a path), `seed`, and `phrases`, a list of objects with
`voice`, `text`, `rate` (words a minute), `pitch` and `range` (0..100, 50 = the voice's own). Standard output
is one line of JSON, `{"rate": Hz, "version": str}`, then for each phrase a little-endian uint32 with the
number of bytes that follow and the sound as native int16. Exit status 3 with one line on standard error: the
library refused.

API: https://github.com/espeak-ng/espeak-ng/blob/1.52.0/src/include/espeak-ng/speak_lib.h
"""

from __future__ import annotations

import ctypes
import json
import struct
import sys

REFUSED = 3  # exit status

AUDIO_OUTPUT_SYNCHRONOUS = 2
DONT_EXIT = 0x8000  # espeakINITIALIZE_DONT_EXIT
CHARS_UTF8 = 1
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4  # espeak_PARAMETER
VOLUME_LEVEL = 60  # of 100: several variants clip at the library's default

# int callback(short *wav, int samples, espeak_EVENT *events)
SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Refusal(Exception):
    """The library answered with an error."""


class Engine:
    """The process-global engine of espeak-ng: one a process, sounds collected through its callback."""

    def __init__(self, library: str, seed: int) -> None:
        self.lib = ctypes.CDLL(library)
        self.chunks: list[bytes] = []
        self.callback = SynthCallback(self._collect)  # kept: the library holds only a pointer to it
        self.rate = int(self.lib.espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 0, b".", DONT_EXIT))
        if self.rate <= 0:
            raise Refusal("espeak-ng cannot read its voices (espeak-ng-data)")
        self.lib.espeak_ng_SetRandSeed(ctypes.c_long(seed))  # it seeds itself from the clock
        self.lib.espeak_SetSynthCallback(self.callback)

    def _collect(self, wav: ctypes._Pointer[ctypes.c_short], samples: int, _events: int | None) -> int:
        if wav and samples > 0:
            self.chunks.append(ctypes.string_at(wav, 2 * samples))
        return 0

    def version(self) -> str:
        """What the library calls itself, e.g. "1.52.0"."""
        self.lib.espeak_Info.restype = ctypes.c_char_p
        return str(self.lib.espeak_Info(None).decode())

    def say(self, phrase: dict[str, str | int]) -> bytes:
        """Speak one phrase and return its samples as native int16."""
        self.chunks.clear()
        if self.lib.espeak_SetVoiceByName(str(phrase["voice"]).encode()) != 0:
            raise Refusal(f"espeak-ng has no voice {phrase['voice']!r}")
        settings = {
            RATE: phrase["rate"],
            VOLUME: VOLUME_LEVEL,
            PITCH: phrase["pitch"],
            RANGE: phrase["range"],
        }
        for parameter, value in settings.items():
            self.lib.espeak_SetParameter(parameter, int(value), 0)
        text = str(phrase["text"]).encode()
        size = ctypes.c_size_t(len(text) + 1)
        if self.lib.espeak_Synth(text, size, 0, 0, 0, CHARS_UTF8, None, None) != 0 or not self.chunks:
            raise Refusal(f"espeak-ng would not say {phrase['text']!r} as {phrase['voice']!r}")
        return b"".join(self.chunks)


def main() -> int:
    """Read a request, write the sounds; the exit status is 0, or `REFUSED`."""
    request = json.load(sys.stdin.buffer)
    out = sys.stdout.buffer
    try:
        engine = Engine(request["library"], request["seed"])
        out.write(json.dumps({"rate": engine.rate, "version": engine.version()}).encode() + b"\n")
        for phrase in request["phrases"]:
            sound = engine.say(phrase)
            out.write(struct.pack("<I", len(sound)) + sound)
        out.flush()
    except (Refusal, OSError, AttributeError) as problem:  # a library that cannot be loaded, or another one
        sys.stderr.write(f"{problem}\n")
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
