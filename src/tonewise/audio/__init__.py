"""Decode any range of any channel of any recording, and find where somebody speaks."""

from tonewise.audio.activity import speech_segments
from tonewise.audio.clips import fixed_clip, hear, whole_clip
from tonewise.audio.decode import AudioInfo, decoder_versions, probe, read

__all__ = [
    "AudioInfo",
    "decoder_versions",
    "fixed_clip",
    "hear",
    "probe",
    "read",
    "speech_segments",
    "whole_clip",
]
