"""The page of a recording as text: complete, escaped, closed to the network, readable without its pictures."""

import hashlib
import json
import re
from base64 import b64decode, b64encode
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import tonewise
from tonewise import report
from tonewise.records import Problem
from tonewise.records.scoring import Curve, CurvePoint, RecordingScore, Segment
from tonewise.report import recording_data, recording_view

NASTY = "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> & \u2028 “so”"
ROOT = Path(tonewise.__file__).parents[2]


def segment(start: float = 1.0, **changed) -> Segment:
    values = {
        "start": start, "end": start + 2, "channel": 0, "speaker": None, "text": "Thank you so much.", "tone": 0.2,
        "words": 0.8, "mismatch": False, "role": "customer", "tone_low": 0.1, "tone_high": 0.45, "disagreement": 0.4,
    }  # fmt: skip
    return Segment(**{**values, **changed})


AGENT = {"channel": 1, "role": "agent", "tone": None, "tone_low": None, "tone_high": None, "text": "How may I help?"}
CURVE = Curve(0, None, "customer", tuple(CurvePoint(float(each), 0.3, 0.2, 0.456) for each in range(60)))


def score(*segments: Segment, **changed) -> RecordingScore:
    values = {
        "recording": "/home/somebody/calls/call.wav", "duration": 60.0,
        "segments": segments or (segment(1, mismatch=True, disagreement=0.999), segment(4, **AGENT)),
        "summary": {
            "mean_tone": 0.3, "positive_share": 0.2, "negative_share": 0.8, "trend": -0.25, "silence_share": 0.1,
            "overlap_share": None, "talk_ratio": {"customer": 0.6, "1": 0.4}, "best": None,
            "worst": {"start": 1.0, "end": 3.0, "tone": 0.2, "text": "Thank you so much."},
            "by_role": {"customer": {"mean_tone": 0.3, "positive_share": 0.2, "negative_share": None, "n": 1}},
        },
        "curves": (CURVE,), "channels": 2, "sample_rate": 8000, "scored_channels": (0,),
    }  # fmt: skip
    return RecordingScore(**{**values, **changed})


def page(of: RecordingScore | None = None, *, audio_source: str | None = "./call.ogg", title: str = "Call") -> str:
    of = of or score()
    wave = np.tile(np.array([[-0.5, 0.5]], dtype=np.float32), (20, 1))
    spectrum = np.arange(80, dtype=np.uint8).reshape(8, 10)
    pictures = {"peaks": [wave] * of.channels, "spectrogram": [spectrum] * of.channels}
    return report.recording_page(of, **pictures, audio_source=audio_source, title=title)


class Elements(HTMLParser):
    """Elements with their attributes, and the text of each by position."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.open: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))
        if tag not in {"meta", "input", "br", "link", "img"}:
            self.open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        assert self.elements[self.open.pop()][0] == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        for number in self.open:
            self.elements[number][2].append(data)

    def of(self, tag: str) -> list[tuple[dict[str, str | None], str]]:
        return [(attrs, "".join(text)) for name, attrs, text in self.elements if name == tag]


def data_of(text: str) -> dict:
    scripts = Elements(text).of("script")
    return json.loads(next(inside for attrs, inside in scripts if attrs.get("type") == "application/json"))


def test_everything_from_the_corpus_is_escaped_and_the_markup_is_whole() -> None:
    nasty = segment(text=NASTY, speaker=NASTY, mismatch=True)
    found = score(
        nasty,
        recording=f"/x/{NASTY.replace('/', '')}.wav",
        problems=(Problem("odd", NASTY, NASTY),),
        curves=(Curve(0, NASTY, None, CURVE.points),),
        summary={"talk_ratio": {NASTY: 1.0}, "worst": {"start": 1.0, "end": 2.0, "tone": 0.1, "text": NASTY}},
    )
    text = page(found, title=NASTY)
    parsed = Elements(text)
    assert not parsed.open
    assert len(parsed.of("script")) == 2 and not parsed.of("img")
    assert all(not name.startswith("on") for _, attrs, _ in parsed.elements for name in attrs)
    assert parsed.of("title")[0][1] == NASTY and parsed.of("q")[0][1] == " ".join(NASTY.split())
    assert "alert(1)" not in data_of(text)


def test_it_asks_no_network_and_its_one_script_is_named_by_its_hash() -> None:
    text = page()
    parsed = Elements(text)
    policy = next(attrs["content"] for attrs, _ in parsed.of("meta") if "http-equiv" in attrs)
    script = next(inside for attrs, inside in parsed.of("script") if not attrs)
    assert f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'") and "unsafe-inline" not in policy.split("style-src")[0]
    addresses = [attrs.get(name) for _, attrs, _ in parsed.elements for name in ("src", "href")]
    assert {each for each in addresses if each} == {"./call.ogg", "#transcript"}
    assert "@import" not in text and "url(http" not in text
    assert text == page()


def test_what_is_seen_can_be_read() -> None:
    parsed = Elements(page())
    sentences = [inside for attrs, inside in parsed.of("li") if "Thank you" in inside or "help" in inside]
    said = " ".join(sentences[0].split())
    for piece in ("0:01", "Customer", "negative", "0.20", "0.10–0.45", "says positive, sounds negative"):
        assert piece in said
    assert "words only" in sentences[1] and "0." not in sentences[1]
    table = "".join(inside for _, inside in parsed.of("table"))
    assert "0.30 (0.20–0.46)" in table
    whole = "".join(parsed.elements[0][2])
    assert "deliberate choice" in whole and "Regulation (EU) 2024/1689" in whole and "It ranks" in whole
    assert "disagrees more than 99\N{NO-BREAK SPACE}% of agreeing" in whole and "over 99" not in whole
    assert "−0.25" in whole and "not defined" in whole  # the trend, and a share that is unknown
    assert "/home/somebody" not in whole


def test_the_player_gets_numbers() -> None:
    found = data_of(page())
    assert found["times"] == [[1000, 3000], [4000, 6000]] and found["mismatches"] == [0]
    (voice,) = found["voices"]
    assert voice["sentences"] == [[0, 200]] and voice["lines"][0][1] == [1000, 300, 200, 456]
    assert np.frombuffer(b64decode(found["peaks"][1]), dtype=np.int8).tolist() == [-64, 64] * 20
    assert found["spectra"][0]["bands"] == 8 and len(b64decode(found["spectra"][0]["data"])) == 80
    assert "Thank" not in json.dumps(found)


def test_no_number_that_is_none_reaches_the_player() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        recording_data.inside_html({"duration": float("nan")})


@pytest.mark.parametrize(
    "source",
    ["https://example.org/a.mp3", "//example.org/a.mp3", "javascript:alert(1)", "data:text/html;base64,AAAA", "a b.mp3",
     "file:///etc/passwd", "data:audio/mpeg;base64,AA\"A", "c:\\call.wav"],
)  # fmt: skip
def test_sound_comes_from_the_page_or_from_beside_it(source: str) -> None:
    with pytest.raises(ValueError, match="no sound inside or beside"):
        page(audio_source=source)


def test_pictures_must_be_of_the_recordings_channels() -> None:
    wave, spectrum = np.zeros((4, 2), dtype=np.float32), np.zeros((2, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="of 2 channels"):
        report.recording_page(score(), peaks=[wave] * 3, spectrogram=[spectrum] * 3, audio_source=None, title="x")
    whole = report.recording_page(score(), peaks=[wave], spectrogram=[spectrum], audio_source=None, title="x")
    assert "All channels" in whole and "<audio" not in whole and "nothing plays" in whole


def test_sound_goes_into_the_page_while_it_is_small(tmp_path: Path) -> None:
    file = tmp_path / "a: #1 é.mp3"
    file.write_bytes(b"12345")
    assert report.embedded_audio(file) == "data:audio/mpeg;base64,MTIzNDU="
    assert report.embedded_audio(file, limit=4) is None
    (tmp_path / "b.ulaw").write_bytes(b"1")
    assert report.embedded_audio(tmp_path / "b.ulaw") is None
    linked = report.linked_audio(file, tmp_path / "pages" / "a.html")
    assert linked == "./../a%3A%20%231%20%C3%A9.mp3"
    assert "a%3A" in page(audio_source=linked)


def test_a_recording_without_words_or_tone_still_has_a_page() -> None:
    bare = segment(text=None, words=None, tone=None, tone_low=None, tone_high=None, role=None, channel=None)
    text = page(score(bare, curves=(), summary={}, channels=1, scored_channels=()))
    assert "no words" in text and "could not be heard" in text
    assert "There are no words here" in text and "Nowhere" not in text
    assert "not defined" in text  # the mean tone
    assert page(score(summary={}, curves=(), channels=1, segments=()))


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0, "0:00"), (59.99, "0:59"), (61, "1:01"), (3600, "1:00:00"), (-1, "0:00")]
)
def test_clock(seconds: float, shown: str) -> None:
    assert recording_view.clock(seconds) == shown


def test_names_and_phrases() -> None:
    assert recording_view.voice_name("agent", "Agent", 1) == "Agent"
    assert recording_view.voice_name("agent", "Anna", 1) == "Anna (agent)"
    assert recording_view.voice_name(None, None, 1) == "Channel 1"
    assert recording_view.mismatch_phrase(segment(words=-0.5, tone=0.9)) == "says negative, sounds positive"
    assert recording_view.mismatch_phrase(segment(words=0.9, tone=0.55)) == "says positive, sounds less so"
    assert recording_view.strength(segment(disagreement=None)) == ""
    asked = recording_view.unheard(score(), segment(channel=1, tone=None, role=None))
    assert asked == recording_view.CHANNEL_UNHEARD
    heard = score(segment(role="agent"), segment(role="agent", tone=None), scored_channels=())
    assert recording_view.unheard(heard, heard.segments[1]) == recording_view.TOO_QUIET


def test_curves_are_thinned_and_broken_where_nobody_speaks() -> None:
    points = [CurvePoint(float(each), 0.5, 0.4, 0.6) for each in [*range(100), *range(200, 300)]]
    assert [len(line) for line in recording_data.stretches(points)] == [100, 100]
    kept = recording_data.thinned(points, 60)
    assert len(kept) <= 60 and kept[0] is points[0] and kept[-1] is points[-1]
    assert recording_data.stretches([]) == [] and recording_data.thinned([]) == []


def test_an_hour_weighs_less_than_three_megabytes() -> None:
    count, columns, bands = report.picture_sizes(3600.0)
    random = np.random.default_rng(0)
    segments = tuple(segment(3.0 * each, text="One two three four five six seven. " * 3) for each in range(1200))
    points = tuple(CurvePoint(each / 4, 0.512, 0.412, 0.612) for each in range(4 * 3600))
    curves = (Curve(0, None, "customer", points), Curve(1, None, "agent", points))
    whole = score(*segments, duration=3600.0, curves=curves)
    waves = [random.uniform(-1, 1, (count, 2)).astype(np.float32)] * 2
    spectra = [random.integers(0, 256, (bands, columns)).astype(np.uint8)] * 2
    text = report.recording_page(whole, peaks=waves, spectrogram=spectra, audio_source=None, title="An hour")
    assert len(text.encode()) < 3_000_000


def test_the_player_was_built_from_these_sources() -> None:
    sources = ROOT / "frontend"
    if not sources.is_dir():
        pytest.skip("the player's sources are not part of this copy")
    expected = hashlib.sha256((sources / "package-lock.json").read_bytes())
    for file in sorted((sources / "src").iterdir()):
        expected.update(file.read_bytes())
    built = (ROOT / "src/tonewise/report/player/player.js").read_text(encoding="utf-8")
    stated = re.search(r"^sources ([0-9a-f]{64})$", built, re.MULTILINE)
    assert stated and stated[1] == expected.hexdigest(), "frontend/ was changed: run `make frontend`"
    assert "Redistribution and use" in built and "</script" not in built and "<!--" not in built and built.isascii()
