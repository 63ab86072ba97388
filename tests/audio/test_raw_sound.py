"""Sound without a header: what extensions say, what people declare, and that features are never those of another reading."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from tonewise import audio
from tonewise.audio import ENCODINGS, RawFormat, declare, is_raw, parse_raw, probe, read, whole_clip
from tonewise.cli import main
from tonewise.errors import AudioError, OptionError
from tonewise.features import FeatureCache

SUBTYPES = {
    "pcm8": "PCM_S8",
    "pcmu8": "PCM_U8",
    "ulaw": "ULAW",
    "alaw": "ALAW",
    "float32": "FLOAT",
    "float64": "DOUBLE",
}


def write(path, samples, encoding, rate=8_000):
    name = encoding.removesuffix("be")
    subtype = SUBTYPES.get(name, name.upper().replace("PCM", "PCM_"))
    endian = "BIG" if encoding.endswith("be") else "LITTLE" if "16" in name or "24" in name or "32" in name else "FILE"
    soundfile.write(path, samples, rate, format="RAW", subtype=subtype, endian=endian)
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_is_what_was_written(tmp_path, tone, encoding):
    samples = tone(0.5, rate=16_000)
    path = write(tmp_path / "a.raw", samples, encoding, 16_000)
    form = RawFormat(encoding, 16_000)
    assert probe(path, raw=form).duration == pytest.approx(0.5)
    np.testing.assert_allclose(read(path, raw=form), samples, atol=0.03)
    np.testing.assert_allclose(read(path, 0.2, 0.1, raw=form), samples[3_200:4_800], atol=0.03)


@pytest.mark.parametrize(
    ("extension", "encoding", "rate"),
    [
        (".ulaw", "ulaw", 8_000),
        (".UL", "ulaw", 8_000),
        (".al", "alaw", 8_000),
        (".sln", "pcm16", 8_000),
        (".sln16", "pcm16", 16_000),
    ],
)
def test_extensions_that_say_what_they_are(tmp_path, tone, extension, encoding, rate):
    samples = tone(0.5, rate=rate)
    path = write(tmp_path / f"a{extension}", samples, encoding, rate)
    info = probe(path)
    assert (info.sample_rate, info.channels, info.format) == (rate, 1, f"RAW/{encoding}")
    np.testing.assert_allclose(read(path, rate=rate), samples, atol=0.03)


def test_channels_are_interleaved(tmp_path, tone):
    both = np.stack([tone(0.5, 200), tone(0.5, 500)], axis=1)
    path = write(tmp_path / "a.pcm", both, "pcm16", 16_000)
    form = parse_raw("PCM16:16000:2")
    assert probe(path, raw=form).channels == 2
    np.testing.assert_allclose(read(path, channel=1, raw=form), both[:, 1], atol=1e-3)


def test_nothing_is_guessed(tmp_path, tone):
    path = write(tmp_path / "a.raw", tone(0.5), "pcm16")
    for look in (probe, read):
        with pytest.raises(AudioError, match=r"a\.raw has no header .* say it with --raw ENCODING:RATE\[:CHANNELS\]"):
            look(path)


def test_a_declaration_is_for_what_has_no_header(tmp_path, tone):
    raw = write(tmp_path / "a.raw", tone(0.5, rate=8_000), "pcm16")
    ulaw = write(tmp_path / "a.ulaw", tone(0.5, rate=8_000), "ulaw")
    wav = tmp_path / "a.wav"
    soundfile.write(wav, tone(0.5), 16_000)
    for path in (raw, ulaw, wav):
        declare(path, RawFormat("pcm16", 8_000))
    assert [probe(path).format for path in (raw, ulaw, wav)] == ["RAW/pcm16", "RAW/ulaw", "WAV/PCM_16"]
    declare(ulaw, RawFormat("ulaw", 16_000))
    assert probe(ulaw).duration == pytest.approx(0.25), "a μ-law file of another rate"
    wav.rename(tmp_path / "b.raw")
    assert probe(tmp_path / "b.raw").sample_rate == 16_000, "it has a header after all"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pcm16", "expected ENCODING:RATE"),
        ("pcm16:fast", "expected ENCODING:RATE"),
        ("pcm16:8000:1:1", "expected ENCODING:RATE"),
        ("mp3:8000", "unknown encoding 'mp3' of raw audio; choose one of ulaw, alaw"),
        ("ulaw:8", "at 8 Hz is impossible; expected 1000 to 768000"),
        ("ulaw:8000:0", "of 0 channels is impossible; expected 1 to 64"),
        ("ulaw:٨٠٠٠", "expected ENCODING:RATE"),
    ],
)
def test_what_is_no_declaration(text, why):
    with pytest.raises(OptionError, match=why):
        parse_raw(text)


def test_the_cache_tells_readings_apart_and_leaves_other_keys_alone(tmp_path, tone):
    paths = [write(tmp_path / name, tone(0.5), "ulaw") for name in ("a.ulaw", "a.alaw", "a.raw", "a.wav")]
    cache = FeatureCache(tmp_path / "cache")

    def key(path):
        return cache.keys([whole_clip(str(path), 0.0, 0.5)], {"name": "mel"})[0]

    ulaw, alaw, undeclared, wav = map(key, paths)
    assert len({ulaw, alaw, wav}) == 3 and undeclared == wav, "the bytes are the same, and the sound is not"
    declare(paths[2], parse_raw("ulaw:8000"))
    assert key(paths[2]) == ulaw, "and what is the same sound is found again"
    declare(paths[2], parse_raw("ulaw:16000"))
    assert key(paths[2]) not in (ulaw, undeclared)


def test_a_clip_says_itself_what_it_holds(tmp_path, tone):
    path = write(tmp_path / "c.raw", tone(0.5, rate=8_000), "pcm16")
    declare(path, parse_raw("pcm16:8000"))
    clip = whole_clip(str(path), 0.0, 0.4)
    assert clip.raw == "pcm16:8000:1"
    declare(path, parse_raw("ulaw:8000"))
    np.testing.assert_allclose(audio.hear(clip), read(path, 0.0, 0.4, raw=parse_raw("pcm16:8000")))
    assert is_raw("x.PCM") and not is_raw("x.wav")


def test_commands_are_told_with_one_option(corpus, tmp_path, monkeypatch):
    """The same sound with and without headers gives the same figures."""
    table = corpus.read_text(encoding="utf-8")
    for file in corpus.parent.glob("*.wav"):
        samples, rate = soundfile.read(file, dtype="int16")
        soundfile.write(tmp_path / f"{file.stem}.raw", samples, rate, format="RAW", subtype="PCM_16", endian="LITTLE")
    manifest = tmp_path / "raw.csv"
    manifest.write_text(table.replace(".wav", ".raw"), encoding="utf-8")

    def run(*arguments, expect=0):
        result = CliRunner().invoke(main, [*map(str, arguments), "--json"])
        assert result.exit_code == expect, result.stderr
        return json.loads(result.stdout) if expect == 0 else result.stderr

    options = ("-o", tmp_path / "model", "--features", "mel", "--gold", "mood", "--no-cache")
    assert "say it with --raw" in run("train", manifest, *options, expect=2)
    assert "'pcm' does not say what raw audio is" in run("train", manifest, *options, "--raw", "pcm", expect=2)
    raw = run("train", manifest, *options, "--raw", "pcm16:16000")
    assert raw["gold"] == run("train", corpus, *options)["gold"]
    monkeypatch.setenv("TONEWISE_RAW", "pcm16:16000")
    judged = run("evaluate", tmp_path / "model", manifest, "--gold", "mood", "--no-cache")
    assert judged["n"] == 96
    scored = run(
        "score", tmp_path / "model", tmp_path / "speaker0.raw", "--transcript", _transcript(tmp_path), "--no-cache"
    )
    assert scored[0]["segments"][0]["tone"] is not None
    assert run("inspect", manifest)["sound"]["formats"] == {"RAW/pcm16": 8}
    assert run("label", manifest)["utterances"] == 96


def _transcript(folder):
    path = folder / "words.srt"
    path.write_text("1\n00:00:00,000 --> 00:00:00,900\nI love this.\n", encoding="utf-8")
    return path
