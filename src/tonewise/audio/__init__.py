"""Decode any range of any channel of any recording, and find where somebody speaks."""

from tonewise.audio.activity import speech_in, speech_of_channels, speech_segments
from tonewise.audio.channels import identical_channels
from tonewise.audio.checking import Limits
from tonewise.audio.clips import fixed_clip, hear, hear_all, whole_clip
from tonewise.audio.decode import AudioInfo, Recording, decoder_versions, probe, read
from tonewise.audio.pictures import SoundPicture, sound_pictures
from tonewise.audio.raw import ENCODINGS, RAW_EXTENSIONS, RawFormat, declare, is_raw, parse_raw

__all__ = [
    "ENCODINGS",
    "RAW_EXTENSIONS",
    "AudioInfo",
    "Limits",
    "RawFormat",
    "Recording",
    "SoundPicture",
    "declare",
    "decoder_versions",
    "fixed_clip",
    "hear",
    "hear_all",
    "identical_channels",
    "is_raw",
    "parse_raw",
    "probe",
    "read",
    "sound_pictures",
    "speech_in",
    "speech_of_channels",
    "speech_segments",
    "whole_clip",
]
