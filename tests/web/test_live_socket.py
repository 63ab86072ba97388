"""The live socket: what it says of sound, and whom and what it refuses, with which code."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tonewise.pipeline.live import LiveScorer
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.web.settings import Settings

pytest.importorskip("fastapi", reason="the extra web is not installed")

from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from tonewise.web import live_inbox, live_session
from tonewise.web.live import live_routes
from tonewise.web.live_inbox import Inbox
from tonewise.web.live_messages import RefusalError

RATE = 16_000
HELLO = {"encoding": "pcm_s16le", "rate": RATE}
Connect = Callable[..., Any]

pytestmark = pytest.mark.usefixtures("beeps_are_speech")


@pytest.fixture(scope="module")
def model(small_model: Path) -> LoadedModel:
    return load_model(small_model)


def make_app(model: LoadedModel, **settings: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(live_routes(model, Settings(**settings)))
    return app


@contextmanager
def opened(model: LoadedModel, headers: dict[str, str] | None = None, **settings: Any) -> Iterator[Any]:
    with (
        TestClient(make_app(model, **settings)) as client,
        client.websocket_connect("/v1/live", headers=headers or {}) as ws,
    ):
        yield ws


def sound(tone, seconds: float) -> bytes:
    return (tone(seconds, 150) * 32_767).astype("<i2").tobytes()


def refused(ws: Any) -> tuple[str, int]:
    """The error and the close code that come next."""
    while "error" not in (told := ws.receive_json()):
        assert "end" in told
    with pytest.raises(WebSocketDisconnect) as closed:
        ws.receive_json()
    return told["error"], closed.value.code


def test_a_stream_is_answered_with_every_second(model, tone):
    data = sound(tone, 3.5)
    with opened(model) as ws:
        ws.send_json(HELLO)
        ready = ws.receive_json()
        assert (ready["ready"], ready["window"], ready["hop"]) == (True, 4, 1) and "tone" in ready["tone_scale"]
        for first in range(0, len(data), 3_201):
            ws.send_bytes(data[first : first + 3_201])
        ws.send_json({"end": True})
        told = [ws.receive_json() for _ in range(5)]
        with pytest.raises(WebSocketDisconnect) as closed:
            ws.receive_json()
    assert closed.value.code == 1000 and told[-1] == {"done": True, "windows": 4}
    expected = LiveScorer(model, rate=RATE).feed(data)
    assert [(each["start"], each["end"]) for each in told[:4]] == [(0, 1), (0, 2), (0, 3), (0, 3.5)]
    for said, scored in zip(told, expected, strict=False):
        assert said["tone"] == pytest.approx(scored.tone, abs=5e-5) and said["heard"] is True
        assert said["low"] <= said["smoothed"] <= said["high"]
        assert 0 <= said["behind_ms"] < 10_000


def test_silence_is_answered_without_a_tone(model):
    with opened(model) as ws:
        ws.send_json({"encoding": "mulaw", "rate": 8_000, "channels": 2, "channel": 1})
        ws.receive_json()
        ws.send_bytes(b"\xff" * 16_000)
        ws.send_json({"end": True})
        told = ws.receive_json()
        assert told.pop("behind_ms") >= 0
        nothing = dict.fromkeys(("tone", "smoothed", "low", "high"))
        assert told == {"start": 0, "end": 1, "heard": False, **nothing}


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("hello", "no JSON; expected JSON such as"),
        ("[1]", "no JSON object"),
        ("[" * 4_000, "no JSON"),
        ("{}", 'does not state "encoding"'),
        ('{"encoding": "mulaw"}', 'does not state "rate"'),
        ('{"encoding": "mulaw", "rate": "8000"}', '"rate" of the first message is not a whole number'),
        ('{"encoding": "mulaw", "rate": true}', '"rate" of the first message is not a whole number'),
        ('{"encoding": 7, "rate": 8000}', '"encoding" of the first message is not a name'),
        ('{"encoding": "mp3", "rate": 8000}', "unknown encoding 'mp3'"),
        ('{"encoding": "mulaw", "rate": 80}', "80 Hz is impossible"),
        ('{"encoding": "mulaw", "rate": 8000, "channels": 99}', "99 channels"),
        ('{"encoding": "mulaw", "rate": 8000, "channel": -1}', "no channel -1"),
        ('{"encoding": "mulaw", "rate": 8000, "file": "/etc/passwd"}', "unknown 'file' in the first message"),
        (b"\0\0\0\0", "the first message is binary"),
    ],
)
def test_a_first_message_that_is_none_is_bad_input(model, first, words):
    with opened(model) as ws:
        ws.send_bytes(first) if isinstance(first, bytes) else ws.send_text(first)
        told, code = refused(ws)
    assert words in told and code == 1003 and "\n" not in told


def test_bad_sound_is_bad_input(model):
    with opened(model) as ws:
        ws.send_json({"encoding": "pcm_f32le", "rate": RATE})
        ws.receive_json()
        ws.send_bytes(np.full(10, np.nan, dtype="<f4").tobytes())
        told, code = refused(ws)
    assert "no numbers" in told and code == 1003
    with opened(model) as ws:
        ws.send_json(HELLO)
        ws.receive_json()
        ws.send_bytes(b"\0\0\0")
        ws.send_json({"end": True})
        assert refused(ws) == ("the sound ends with 1 of the 2 bytes of a frame; send whole samples of pcm_s16le for "
                               "every one of 1 channels", 1003)  # fmt: skip
    with opened(model) as ws:
        ws.send_json(HELLO)
        ws.receive_json()
        ws.send_text("stop it")
        assert refused(ws)[1] == 1003


def test_messages_and_streams_that_are_too_large(model):
    with opened(model) as ws:
        ws.send_text('{"encoding": "' + "x" * 5_000)
        assert refused(ws)[1] == 1009
    with opened(model) as ws:
        ws.send_json({"encoding": "mulaw", "rate": 8_000})
        ws.receive_json()
        ws.send_bytes(bytes(40_001))
        told, code = refused(ws)
        assert code == 1009 and "40001 bytes of sound; at most 40000" in told
    with opened(model) as ws:
        ws.send_json({"encoding": "pcm_f32le", "rate": 192_000, "channels": 8})
        assert refused(ws)[1] == 1009


def test_the_token_comes_as_bearer_or_in_the_first_message_never_in_the_address(model):
    with opened(model, token="s3cret") as ws:
        ws.send_json(HELLO)
        told, code = refused(ws)
        assert code == 1008 and "token is missing or wrong" in told and "s3cret" not in told
    with opened(model, token="s3cret") as ws:
        ws.send_json({**HELLO, "token": "secret"})
        assert refused(ws)[1] == 1008
    with opened(model, token="s3cret") as ws:
        ws.send_json({**HELLO, "token": "s3cret"})
        assert ws.receive_json()["ready"]
    with opened(model, {"Authorization": "Bearer s3cret"}, token="s3cret") as ws:
        ws.send_json(HELLO)
        assert ws.receive_json()["ready"]
    with (
        TestClient(make_app(model, token="s3cret")) as client,
        client.websocket_connect("/v1/live?token=s3cret&access_token=s3cret") as ws,
    ):
        ws.send_json(HELLO)
        assert refused(ws)[1] == 1008


@pytest.mark.parametrize(
    ("headers", "settings", "allowed"),
    [
        ({"Origin": "http://testserver"}, {}, True),
        ({}, {}, True),
        ({"Origin": "https://evil.example"}, {}, False),
        ({"Origin": "null"}, {}, False),
        ({"Origin": "http://testserver:8001"}, {}, False),
        ({"Sec-Fetch-Site": "cross-site"}, {}, False),
        ({}, {"hosts": ("localhost",)}, False),
        ({}, {"hosts": ("testserver",)}, True),
    ],
)
def test_pages_of_other_sites_do_not_get_in(model, headers, settings, allowed):
    if allowed:
        with opened(model, headers, **settings) as ws:
            ws.send_json(HELLO)
            assert ws.receive_json()["ready"]
        return
    with pytest.raises(WebSocketDisconnect), opened(model, headers, **settings):
        pass


def test_as_many_streams_as_allowed(model):
    with TestClient(make_app(model, live_sessions=1)) as client:
        with client.websocket_connect("/v1/live") as first:
            first.send_json(HELLO)
            assert first.receive_json()["ready"]
            with client.websocket_connect("/v1/live") as second:
                second.send_json(HELLO)
                assert refused(second) == ("as many live streams as allowed are open; try again later", 1013)
        with client.websocket_connect("/v1/live") as third:
            third.send_json(HELLO)
            assert third.receive_json()["ready"]


def test_too_long_idle_too_long_and_silent_from_the_start(model, monkeypatch):
    with opened(model, live_idle_seconds=0.1) as ws:
        ws.send_json(HELLO)
        ws.receive_json()
        assert refused(ws) == ("no sound for 0.1 s; silence has to be sent, too", 1008)
    with opened(model, live_seconds=0.1) as ws:
        ws.send_json(HELLO)
        ws.receive_json()
        assert refused(ws) == ("a live stream may last 0.1 s here; open another one", 1008)
    monkeypatch.setattr(live_session, "HELLO_SECONDS", 0.1)
    with opened(model) as ws:
        assert refused(ws) == ("no first message within 0.1 s", 1008)


def test_a_model_whose_weights_are_gone_tells_no_paths(model, tone, monkeypatch):
    from tonewise.errors import WeightsError

    def gone(*_: object) -> None:
        raise WeightsError("/home/somebody/weights are gone")

    with opened(model) as ws:
        ws.send_json(HELLO)
        ws.receive_json()
        monkeypatch.setattr(LiveScorer, "feed", gone)
        ws.send_bytes(sound(tone, 1))
        assert refused(ws) == ("the model cannot be used; ask whoever runs the server", 1011)


def test_a_client_ahead_of_the_clock_is_not_listened_to_until_it_is_not(monkeypatch):
    async def scenario() -> tuple[float, list[int]]:
        inbox = Inbox(bytes_per_second=1_000, hop=1)
        for _ in range(3):
            inbox.put(bytes(200))
        began = time.monotonic()
        room = asyncio.create_task(inbox.room())
        taken = []
        while not room.done():
            taken.append(len(await inbox.take() or b"")) if not taken else await asyncio.sleep(0.01)
        waited = time.monotonic() - began
        inbox.end()
        assert await inbox.take() is None
        assert inbox.behind() < 0.1  # what is left counts from the end, however long ago it came
        return waited, taken

    monkeypatch.setattr(live_inbox, "AHEAD", 0.3)
    waited, taken = asyncio.run(scenario())
    assert 0.2 < waited < 1.5 and taken == [600]


def test_a_server_that_cannot_keep_up_says_so(monkeypatch):
    async def scenario() -> None:
        inbox = Inbox(bytes_per_second=100, hop=1)
        inbox.put(bytes(100))
        await asyncio.sleep(0.02)
        with pytest.raises(RefusalError, match="cannot keep up") as refusal:
            inbox.behind()
        assert refusal.value.code == 1013

    monkeypatch.setattr(live_inbox, "LATEST", 0.01)
    asyncio.run(scenario())


def test_the_page_is_strict_and_complete(model):
    with TestClient(make_app(model)) as client:
        page = client.get("/microphone")
        assert page.status_code == 200 and "is not kept" in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert page.headers["permissions-policy"] == "camera=(), geolocation=(), microphone=(self)"
        assert "<script>" not in page.text and "style=" not in page.text and "http://" not in page.text
        for name, kind in (("page.js", "javascript"), ("capture.js", "javascript"), ("page.css", "css")):
            found = client.get(f"/microphone/{name}")
            assert found.status_code == 200 and kind in found.headers["content-type"]
        assert client.get("/microphone/../live.py").status_code == 404


@contextmanager
def served(app: FastAPI) -> Iterator[int]:
    """A real server on a free port of this machine."""
    import uvicorn

    with sockets.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws_max_size=1 << 21))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield port
        finally:
            server.should_exit = True
            thread.join(20)


def test_a_real_server_hears_several_streams_at_once_and_forgets_who_leaves(model, tone, caplog):
    from websockets.exceptions import ConnectionClosedError
    from websockets.sync.client import connect

    data = sound(tone, 3)

    def stream(port: int, told: list[dict[str, Any]]) -> None:
        last = time.monotonic() + 20
        while not told and time.monotonic() < last:  # who has just left may be there for a moment
            with suppress(ConnectionClosedError), connect(f"ws://127.0.0.1:{port}/v1/live") as ws:
                ws.send(json.dumps(HELLO))
                if "ready" not in json.loads(ws.recv()):
                    continue
                for first in range(0, len(data), 3_200):
                    ws.send(data[first : first + 3_200])
                ws.send('{"end": true}')
                told += [json.loads(message) for message in ws]

    with served(make_app(model, live_sessions=4)) as port:
        for _ in range(6):  # gone before it said anything, and in the middle: their seats are free again
            with connect(f"ws://127.0.0.1:{port}/v1/live"):
                pass
            with suppress(ConnectionClosedError), connect(f"ws://127.0.0.1:{port}/v1/live") as ws:
                ws.send(json.dumps(HELLO))
                ws.recv()
                ws.send(data)
        said: list[list[dict[str, Any]]] = [[] for _ in range(4)]
        threads = [threading.Thread(target=stream, args=(port, told)) for told in said]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    tones = [[each.get("tone") for each in told] for told in said]
    assert len(tones[0]) == 4 and tones[0][0] is not None
    assert tones == [tones[0]] * 4
    assert not [each for each in caplog.records if each.levelname == "ERROR"]
