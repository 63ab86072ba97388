"""Decode any range of any channel of any recording, and find where somebody speaks."""

from tonewise.audio.activity import speech_of_channels, speech_segments
from tonewise.audio.channels import identical_channels
from tonewise.audio.checking import Checked, Checker, Limits, check
from tonewise.audio.clips import fixed_clip, hear, hear_all, whole_clip
from tonewise.audio.decode import AudioInfo, Recording, decoder_versions, probe, read
from tonewise.audio.peaks import SoundPicture, peaks, small_spectrogram, sound_pictures
from tonewise.audio.raw import ENCODINGS, RAW_EXTENSIONS, RawFormat, declare, is_raw, parse_raw

__all__ = [
    "ENCODINGS",
    "RAW_EXTENSIONS",
    "AudioInfo",
    "Checked",
    "Checker",
    "Limits",
    "RawFormat",
    "Recording",
    "SoundPicture",
    "check",
    "declare",
    "decoder_versions",
    "fixed_clip",
    "hear",
    "hear_all",
    "identical_channels",
    "is_raw",
    "parse_raw",
    "peaks",
    "probe",
    "read",
    "small_spectrogram",
    "sound_pictures",
    "speech_of_channels",
    "speech_segments",
    "whole_clip",
]
