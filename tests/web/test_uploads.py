"""Uploads that are slow, too many or broken off, tokens and host names: no worker is needed to refuse them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tonewise.web.folders import RECORDING, TRANSCRIPT, own_name, shown_name, without_paths
from tonewise.web.security import COOKIE, authorised, known_host, same_origin, session_value
from tonewise.web.settings import Settings

Make = Callable[..., Any]
KIND = {"content-type": "multipart/form-data; boundary=xyz"}
HEAD = b'--xyz\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'
TAIL = b"\r\n--xyz--\r\n"
TOKEN = "correct-horse-battery"


def ask(app: Any, *requests: tuple[str, str, dict[str, Any]], base: str = "http://localhost") -> list[httpx.Response]:
    """Requests at the same time."""

    async def all_of_them() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            return await asyncio.gather(*(client.request(how, path, **more) for how, path, more in requests))

    return asyncio.run(all_of_them())


def upload(pause: float = 0.0, *, pieces: int = 1, **headers: str) -> tuple[str, str, dict[str, Any]]:
    async def body() -> AsyncIterator[bytes]:
        yield HEAD
        for _ in range(pieces):
            await asyncio.sleep(pause)
            yield b"x"
        yield TAIL

    return "POST", "/v1/score", {"content": body(), "headers": {**KIND, **headers}}


def kept(app: Any) -> list[str]:
    return [each.name for each in app.state.server.keeping.folders.job("x").parent.iterdir()]


def test_an_upload_that_stops_or_drags_on_is_given_up(make_app: Make) -> None:
    app = make_app(upload_idle_seconds=0.2)
    (stopped,) = ask(app, upload(1.0))
    assert stopped.status_code == 408 and "took too long" in stopped.json()["error"] and kept(app) == []
    app = make_app(upload_seconds=0.3)
    (dragging,) = ask(app, upload(0.05, pieces=50))
    assert dragging.status_code == 408 and kept(app) == []


def test_so_many_may_wait_and_no_more(make_app: Make) -> None:
    app = make_app(max_queued=2)
    answers = ask(app, upload(0.2), upload(0.2), upload(0.2))
    assert sorted(each.status_code for each in answers) == [202, 202, 503]
    (refused,) = ask(app, upload())
    assert refused.status_code == 503 and "2 recordings wait" in refused.json()["error"]
    assert refused.headers["retry-after"] == "30" and len(kept(app)) == 2
    for job in app.state.server.keeping.jobs.queued():
        assert ask(app, ("DELETE", f"/v1/jobs/{job.id}", {}))[0].status_code == 204
    assert ask(app, upload())[0].status_code == 202


def test_a_full_disk_and_a_server_that_ends_take_nothing(make_app: Make) -> None:
    (full,) = ask(make_app(min_free_bytes=1 << 60), upload())
    assert full.status_code == 503 and "disk is nearly full" in full.json()["error"]
    app = make_app()
    app.state.server.pool.begin_drain()
    (ending,) = ask(app, upload())
    assert ending.status_code == 503 and "being stopped" in ending.json()["error"]


def test_an_address_with_a_declared_size_is_refused_unread(make_app: Make) -> None:
    async def never() -> AsyncIterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    headers = {**KIND, "content-length": "600000000"}
    (refused,) = ask(make_app(), ("POST", "/v1/score", {"content": never(), "headers": headers}))
    assert refused.status_code == 413


def test_the_token_as_bearer_and_by_a_pages_cookie(make_app: Make) -> None:
    app = make_app(token=TOKEN)
    closed = [("GET", path, {}) for path in ("/v1/model", "/v1/limits", "/metrics", "/calls", f"/v1/jobs/{'0' * 32}")]
    for answer in ask(app, *closed, upload()):
        assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    for answer in ask(app, *(("GET", path, {}) for path in ("/", "/v1/health", "/openapi.json", "/microphone"))):
        assert answer.status_code == 200
    wrong, right = ask(
        app,
        ("POST", "/v1/session", {"json": {"token": "wrong"}}),
        ("POST", "/v1/session", {"json": {"token": TOKEN}}),
    )
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers
    cookie = right.headers["set-cookie"]
    assert right.status_code == 204 and "HttpOnly" in cookie and "SameSite=strict" in cookie and TOKEN not in cookie
    shown = {"headers": {"cookie": cookie.split(";")[0]}}
    assert ask(app, ("GET", "/v1/model", shown))[0].status_code == 200
    assert TOKEN not in repr(app.state.server.settings)


def test_authorised_looks_at_headers_only() -> None:
    settings = Settings(token=TOKEN)
    good: list[dict[str, str]] = [
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": f"bearer  {TOKEN}"},
        {"cookie": f"a=b; {COOKIE}={session_value(TOKEN)}"},
    ]
    bad: list[dict[str, str]] = [
        {},
        {"authorization": TOKEN},
        {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer \udce9"},
        {"cookie": f"{COOKIE}={TOKEN}"},
        {"cookie": f"{COOKIE}="},
        {"cookie": "=;=,\x00"},
    ]
    assert all(authorised(each, settings) for each in good)
    assert not any(authorised(each, settings) for each in bad)
    assert authorised({}, Settings())


def test_names_of_the_server_and_of_pages(make_app: Make) -> None:
    app = make_app(hosts=("localhost", "127.0.0.1", "::1"))
    for host in ("localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert ask(app, ("GET", "/v1/health", {"headers": {"host": host}}))[0].status_code == 200
    for host in ("evil.example", "localhost.evil.example", "[", "localhost@evil.example"):
        (refused,) = ask(app, ("GET", "/v1/health", {"headers": {"host": host}}))
        assert refused.status_code == 403 and list(refused.json()) == ["error"]
    assert known_host({}, Settings()) and not known_host({}, Settings(hosts=("localhost",)))
    assert same_origin({"host": "a:1", "origin": "http://a:1"}) and same_origin({"host": "a"})
    assert not same_origin({"host": "a:1", "origin": "http://a:2"})
    assert not same_origin({"origin": "null"}) and not same_origin({"host": "", "origin": "http://"})


@pytest.mark.parametrize(
    ("given", "own", "shown"),
    [
        ("call.WAV", "_recording_.wav", "call.WAV"),
        ("../../etc/passwd", "_recording_", "passwd"),
        ("C:\\calls\\a b.mp3", "_recording_.mp3", "a b.mp3"),
        ("x.sh\0.wav", "_recording_.wav", "x.sh .wav"),
        ("call.wav/", "_recording_.wav", "call.wav"),
        ("evil.html", "_recording_", "evil.html"),
        ("\u202egnp.wav\n", "_recording_", "gnp.wav"),
        ("", "_recording_", "recording"),
        ("a" * 300 + ".ogg", "_recording_.ogg", "a" * 120),
    ],
)
def test_clients_names_are_shown_and_never_used(given: str, own: str, shown: str) -> None:
    assert (own_name(RECORDING, given), shown_name(given)) == (own, shown)
    assert own_name(TRANSCRIPT, "a.wav") == TRANSCRIPT and own_name(TRANSCRIPT, "a.SRT") == TRANSCRIPT + ".srt"


def test_messages_hold_no_paths_and_clients_names_once() -> None:
    order = {"folder": "/data/jobs/1", "recording": "_recording_", "transcript": None, "name": "a _recording_ b"}
    said = "/data/jobs/1/_recording_ (_recording_) is no recording of /data/jobs/1"
    assert without_paths(said, order) == "a _recording_ b (a _recording_ b) is no recording of "
    order |= {"recording": "_recording_.wav", "transcript": "_transcript_.srt"}
    assert without_paths("/data/jobs/1/_transcript_.srt: _recording_.wav", order) == "the transcript: a _recording_ b"
