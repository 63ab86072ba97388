"""An attacker inside the upload: little that becomes much, transcripts that are traps, and words that are programs."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
Wav = Callable[..., bytes]
EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'${alert(3)}{{7*7}}"


@pytest.fixture(scope="module")
def hostile() -> ModuleType:
    """The files that tests of the decoder make."""
    file = Path(__file__).parents[1] / "audio" / "hostile_media.py"
    found = importlib.util.spec_from_file_location("hostile_media_here", file)
    assert found is not None and found.loader is not None
    made = importlib.util.module_from_spec(found)
    found.loader.exec_module(made)
    return made


def score(
    server: Any, sound: bytes, name: str = "a.wav", *, words: tuple[str, str] | None = None, **fields: Any
) -> Any:
    files = {"recording": (name, sound), **({"transcript": words} if words else {})}
    headers = {"authorization": f"Bearer {server.token}"}
    wait = {"wait": 30}
    return httpx.post(f"{server.url}/v1/score", params=wait, files=files, data=fields, headers=headers, timeout=60)


def refused(answer: Any, said: str) -> bool:
    told = answer.json()["error"]
    assert answer.status_code == 422 and said in told and "\n" not in told and len(told) < 500, told
    return True


def workers_ended(server: Any) -> int:
    return sum("a worker ended" in line for line in server.lines)


def test_little_that_becomes_much_is_refused(guarded: Any, hostile: ModuleType, eventually: Callable[..., Any]) -> None:
    eventually(lambda: httpx.get(f"{guarded.url}/v1/ready").status_code == 200)
    ended = workers_ended(guarded)
    assert refused(score(guarded, hostile.flac_bomb(5.0), "bomb.flac"), "this server takes 0")
    assert refused(score(guarded, hostile.flac_bomb(5.0, stated=False), "bomb.flac"), "this server takes 0")
    assert refused(score(guarded, hostile.opus_bomb(5.0), "bomb.opus"), "of sound or more")
    assert refused(score(guarded, hostile.zip_bomb(), "bomb.wav"), "bomb.wav")
    assert refused(score(guarded, gzip.compress(bytes(50_000_000)), "bomb.wav.gz"), "bomb.wav.gz")
    assert refused(score(guarded, b"\0" * 900_000, "bomb.raw", raw="ulaw:1000"), "this server takes 0")
    assert workers_ended(guarded) == ended


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
        ("list.mp3", "#EXTM3U\n#EXTINF:9,\nhttp://127.0.0.1:9/a.mp3\n"),
        ("session.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 9 RTP/AVP 0\n"),
        ("script.wav", "ffconcat version 1.0\nfile /etc/passwd\n"),
        ("page.html", f"<script>{EVIL}</script>"),
        ("picture.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
    ],
)
def test_files_that_name_other_files(guarded: Any, name: str, content: str) -> None:
    answer = score(guarded, content.encode(), name)
    assert refused(answer, name) and "root:" not in answer.text
    headers = {"authorization": f"Bearer {guarded.token}"}
    address = httpx.post(f"{guarded.url}/v1/score", files={"recording": (name, content)}, headers=headers)
    served = httpx.get(f"{guarded.url}{address.headers['location']}/audio", headers=headers)
    assert served.headers["content-type"] in ("application/octet-stream", "audio/mpeg", "audio/wav")
    assert served.headers["x-content-type-options"] == "nosniff"


def xml_bomb() -> str:
    entities = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    body = '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="0s" end="1s">&j;</p></div></body></tt>'
    return f'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{entities}]>{body}'


def segments(*given: dict[str, Any]) -> str:
    return json.dumps({"segments": [{"start": 0, "end": 1.3, "text": "I love it", **each} for each in given]})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lone surrogates.json", segments({"text": "hi \ud800 there", "speaker": "A\udfff"})),
        ("NUL.json", segments({"text": "hi \0 there", "speaker": "A\0"})),
        ("endless.json", segments({"end": 1e308})),
        ("infinite.json", segments({"end": 1.0}).replace("1.0", "1e999")),
        ("a number that is long.json", segments({"end": 7}).replace(" 7", " " + "7" * 5_000)),
        ("deep.json", "[" * 200_000),
        ("many.json", segments(*({"start": n / 1e4, "speaker": f"s{n}"} for n in range(8_000)))),
        ("bomb.ttml", xml_bomb()),
        ("others' files.xml", '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
        ("long line.srt", "1\n00:00:00,000 --> 00:00:01,000\n" + "word " * 100_000),
        ("blanks.txt", " " * 500_000 + "x"),
        ("colons.txt", "a:" * 200_000),
    ],
)
def test_transcripts_that_are_traps(guarded: Any, wav: Wav, name: str, content: str) -> None:
    ended = workers_ended(guarded)
    answer = score(guarded, wav(2.0), words=(name, content))
    assert answer.status_code in (200, 422), answer.text
    assert "root:" not in answer.text and workers_ended(guarded) == ended
    assert answer.status_code == 200 or refused(answer, "")


class Tags(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))


def test_words_names_and_speakers_are_no_programs(guarded: Any, wav: Wav) -> None:
    vtt = f"WEBVTT\n\n00:00.000 --> 00:01.300\nhello\n\n00:02.000 --> 00:03.300\n{EVIL}\n"
    plain = score(guarded, wav(4.0), "plain.wav", words=("t.vtt", vtt.replace(EVIL, "fine")))
    assert plain.status_code == 200
    words = segments(
        {"speaker": EVIL, "text": EVIL}, {"start": 2.0, "end": 3.3, "speaker": "b", "text": f"love {EVIL}"}
    )
    headers = {"authorization": f"Bearer {guarded.token}"}
    with httpx.Client(base_url=guarded.url, headers=headers, timeout=60) as client:
        files = {"recording": (EVIL.replace("/", "") + ".wav", wav(4.0)), "transcript": ("t.json", words)}
        address = client.post("/v1/score", files=files).headers["location"]
        while (job := client.get(address).json())["state"] in ("queued", "running"):
            pass
        assert job["state"] == "done", job
        pages = [client.get(f"{address}/page"), client.get("/calls")]
    for page in pages:
        assert page.headers["content-type"].startswith("text/html")
        tags = Tags(page.text).tags
        assert not any(name.startswith("on") for _, attributes in tags for name, _ in attributes)
        assert not any(tag == "img" for tag, _ in tags)
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.text)
        assert policy is not None and "script-src" in policy[1]
        assert "'unsafe-inline'" not in policy[1].partition("script-src")[2].partition(";")[0]
        assert "<script>alert(1)" not in page.text
