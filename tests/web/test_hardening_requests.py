"""An attacker on the wire: requests that are none, that lie about their length, never end, or ask without the token."""

from __future__ import annotations

import contextlib
import gzip
import hmac
import http.client
import json
import re
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tonewise.web import security

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
HOST = "Host: localhost\r\n"
UPLOAD = "Content-Type: multipart/form-data; boundary=xyz\r\n"
PUBLIC = {"/", "/page/upload.js", "/page/page.css", "/favicon.ico", "/openapi.json", "/v1/health", "/v1/ready"}
PUBLIC |= {"/microphone", "/microphone/page.js", "/microphone/capture.js", "/microphone/page.css"}


def connect(server: Any, seconds: float = 5.0) -> socket.socket:
    host, _, port = server.url.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), seconds)


def request(line: str, headers: str = "", body: bytes = b"", host: str = HOST) -> bytes:
    return f"{line} HTTP/1.1\r\n{host}{headers}\r\n".encode("latin-1") + body


def told(server: Any, sent: bytes) -> tuple[int | None, bytes]:
    """Status and body of the first answer; None where the connection was cut without one."""
    with connect(server) as link:
        with contextlib.suppress(OSError):  # cut while we still speak
            link.sendall(sent)
        answer = http.client.HTTPResponse(link)
        try:
            answer.begin()
            return answer.status, answer.read()
        except (http.client.HTTPException, ConnectionError):
            return None, b""


def lives(server: Any) -> bool:
    return httpx.get(f"{server.url}/v1/health").status_code == 200


def own(server: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {server.token}"}


def megabytes(process: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) / 1000


def kept(server: Any) -> set[str]:
    return {str(file.relative_to(server.data)) for file in server.data.rglob("*") if file.name.startswith("_")}


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        (request("GET /v1/health", "Content-Length: 4\r\nContent-Length: 5\r\n"), {400}),
        (request("GET /v1/health", "Content-Length: -1\r\n"), {400}),
        (request("POST /v1/score", UPLOAD + "Content-Length: " + "9" * 5_000 + "\r\n"), {400}),
        (request("POST /v1/score", "Content-Length : 3\r\n"), {400}),
        (request("POST /v1/session", "Transfer-Encoding: gzip, chunked\r\n"), {400, 501}),
        (request("POST /v1/session", "Transfer-Encoding: xchunked\r\n"), {400, 501}),
        (request("POST /v1/session", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), {400, 501}),
        (request("POST /v1/session", "Transfer-Encoding: chunked\r\n", b"f" * 30 + b"\r\n"), {400}),
        (request("POST /v1/session", "Transfer-Encoding: chunked\r\n", b"-2\r\n{}"), {400}),
        (request("GET /v1/health", "Host: evil.example\r\n"), {400}),
        (request("GET /v1/health", host=""), {400}),
        (request("GET /v1/health", f"X: {'a' * 200_000}\r\n"), {400, None}),
        (request("GET /v1/health", "".join(f"X-{each}: a\r\n" for each in range(20_000))), {400, None}),
        (request(f"GET /{'a' * 200_000}"), {400, None}),
        (request("GET /v1/health", "X: a\0b\r\n"), {400}),
        (request("GET /v1/health", "X\r\nY: a\r\n"), {400}),
        (request("TRACE /v1/health"), {405}),
        (request("CONNECT evil.example:80"), {404}),
        (request("OPTIONS *"), {404}),
        (request("GET /v1/health/"), {404}),
        (request("GET //evil.example/%2e%2e"), {404}),
        (request("GET /v1/jobs/%00"), {401, 422}),
        (request("GET /v1/jobs/%ff%fe"), {401, 422}),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n", {400}),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 404}),
        (bytes.fromhex("1603010200010001fc0303") + bytes(50), {400}),  # TLS
        (request("POST /v1/session", "Content-Length: 16000\r\n", b"[" * 16_000), {400, 422}),
        (request("POST /v1/session", "Content-Length: 16000\r\n", b"9" * 16_000), {400, 422}),
        (request("DELETE /v1/session", "Origin: http://[\r\n"), {403}),
        (request("GET /v1/model", f"Cookie: {'=;,' * 1_000}\r\n"), {401}),
        (request("GET /v1/model", "Authorization: Bearer \xff\xfe\r\n"), {401}),
    ],
)
def test_nonsense_is_refused_and_costs_nothing(guarded: Any, sent: bytes, statuses: set[int | None]) -> None:
    said = len(guarded.lines)
    status, body = told(guarded, sent)
    assert status in statuses and b"Traceback" not in body and b"evil.example" not in body
    assert lives(guarded)
    assert [line for line in guarded.lines[said:] if "a worker ended" not in line] == []


def test_a_request_of_two_lengths_smuggles_nothing(guarded: Any) -> None:
    headers = "Content-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n"
    with connect(guarded) as link:
        link.sendall(request("POST /v1/session", headers, b"2\r\n{}\r\n0\r\n\r\n" + request("GET /v1/health")))
        answers = b"".join(iter(lambda: link.recv(65_536), b""))
    assert answers.count(b"HTTP/1.1 ") == 1 and b" 400 " in answers.split(b"\r\n")[0]


def test_small_requests_with_large_bodies_are_cut_off(guarded: Any) -> None:
    before = megabytes(guarded.process.pid)
    for headers, piece in (("Content-Length: 300000000\r\n", b""), ("Transfer-Encoding: chunked\r\n", b"10000\r\n")):
        sent = 0
        with connect(guarded) as link, contextlib.suppress(OSError):
            link.sendall(request("POST /v1/session", headers))
            while sent < 100_000_000:
                link.sendall(piece + b" " * 65_536 + (b"\r\n" if piece else b""))
                sent += 65_536
        assert sent < 20_000_000
    assert megabytes(guarded.process.pid) < before + 20


def test_methods_that_nobody_knows_are_not_counted_one_by_one(guarded: Any) -> None:
    with httpx.Client(base_url=guarded.url) as client:
        for number in range(50):
            assert client.request(f"MADE{number}", "/v1/health").status_code == 405
        assert "MADE" not in client.get("/metrics", headers=own(guarded)).text


def test_every_route_wants_the_token(guarded: Any) -> None:
    with httpx.Client(base_url=guarded.url) as client:
        description = client.get("/openapi.json").json()
        routes = [(how.upper(), path) for path, found in description["paths"].items() for how in found]
        routes = [*routes, *(("GET", path) for path in PUBLIC | {"/calls", "/docs", "/redoc"})]
        assert len(routes) > 20
        token, other = guarded.token, "wrong-horse-battery"
        shown: list[dict[str, Any]] = [
            {},
            {"headers": {"authorization": f"Bearer {other}"}},
            {"headers": {"authorization": f"Basic {token}"}},
            {"headers": {"cookie": f"{security.COOKIE}={token}"}},
            {"headers": {"x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1", "forwarded": "for=127.0.0.1"}},
            {"headers": {"x-original-url": "/v1/health", "x-http-method-override": "GET", "x-forwarded-host": "a"}},
            {"params": {"token": token, "access_token": token, "authorization": f"Bearer {token}"}},
            {"auth": (token, token)},
        ]
        for how, path in routes:
            for each in shown:
                status = client.request(how, path.replace("{id}", "0" * 32), **each).status_code
                expected = {404} if path in ("/docs", "/redoc") else {200, 503} if path in PUBLIC else {401}
                assert status in expected, (how, path, each, status)


def test_nobody_removes_the_jobs_of_others_without_the_token(guarded: Any, wav: Any) -> None:
    found = httpx.post(f"{guarded.url}/v1/score", files={"recording": ("a.wav", wav())}, headers=own(guarded)).json()
    address = f"{guarded.url}/v1/jobs/{found['id']}"
    assert uuid.UUID(found["id"]).version == 4  # 122 bits of chance: not to be guessed
    for part in ("", "/result", "/page", "/audio"):
        assert httpx.get(address + part).status_code == 401
    assert httpx.delete(address).status_code == 401
    answer = httpx.get(f"{address}/audio", headers=own(guarded))
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert httpx.delete(address, headers=own(guarded)).status_code == 204


def test_pages_of_other_sites_change_nothing_even_with_the_cookie(guarded: Any, wav: Any) -> None:
    with httpx.Client(base_url=guarded.url) as client:
        assert client.post("/v1/session", json={"token": guarded.token}).status_code == 204
        assert client.get("/v1/model").status_code == 200
        files = {"recording": ("a.wav", wav())}
        address = client.post("/v1/score", files=files).headers["location"]
        host = guarded.url.removeprefix("http://")
        foreign: list[dict[str, str]] = [
            {"origin": each} for each in ("http://evil.example", "null", f"http://{host}.evil.example", "http://[", "")
        ]
        for headers in [*foreign, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]:
            assert client.post("/v1/score", files=files, headers=headers).status_code == 403, headers
            assert client.delete(address, headers=headers).status_code == 403
            assert client.post("/v1/session", json={"token": guarded.token}, headers=headers).status_code == 403
            assert client.delete("/v1/session", headers=headers).status_code == 403
        asked = {"origin": "http://evil.example", "access-control-request-method": "DELETE"}
        preflight = client.options(address, headers=asked)
        assert preflight.status_code == 405
        assert not any(name.startswith("access-control") for name in preflight.headers)
        assert client.delete(address).status_code == 204


def upload(
    server: Any, body: bytes, headers: str = "", kind: str = UPLOAD, length: int | None = None
) -> tuple[Any, Any]:
    stated = f"Content-Length: {len(body) if length is None else length}\r\n"
    shown = f"Authorization: Bearer {server.token}\r\n{kind}{stated if 'Transfer' not in headers else ''}{headers}"
    status, said = told(server, request("POST /v1/score", shown, body))
    return status, json.loads(said or b"{}").get("error")


def part(header: bytes, content: bytes = b"x") -> bytes:
    return b"--xyz\r\n" + header + b"\r\n\r\n" + content + b"\r\n"


RECORDING = b'Content-Disposition: form-data; name="recording"; filename="a.wav"'
CHUNKED = "Transfer-Encoding: chunked\r\n"
END = b"--xyz--\r\n"


@pytest.mark.parametrize(
    ("body", "headers", "statuses"),
    [
        (part(RECORDING, bytes(1_200_000)) + END, "", {413}),
        (b"%x\r\n" % 1_200_000 + part(RECORDING, bytes(1_300_000))[:1_200_000] + b"\r\n0\r\n\r\n", CHUNKED, {413}),
        (part(RECORDING)[:60], "", {400}),
        (b"".join(part(b'Content-Disposition: form-data; name="%d"' % n) for n in range(5_000)) + END, "", {422}),
        (b"".join(part(b'Content-Disposition: form-data; name="channel"') for _ in range(5_000)) + END, "", {422}),
        (part(b'Content-Disposition: form-data; name="' + b"a" * 3_000 + b'"') + END, "", {422}),
        (part(b'Content-Disposition: form-data; name="' + b"a" * 300_000 + b'"') + END, "", {400, 422}),
        (part(b"X: a\r\n" * 30_000 + RECORDING) + END, "", {400}),
        (part(b'Content-Disposition: form-data; name="channel"', b"a" * 500_000) + END, "", {422}),
        (part(b'Content-Disposition: form-data; name="channel"', b"\xff\xfe") + END, "", {422}),
        (part(b"Content-Disposition: form-data") + END, "", {422}),
        (part(b"") + END, "", {400, 422}),
        (part(b"Content-Type: multipart/mixed; boundary=abc\r\n" + RECORDING, b"--abc\r\n\r\nx") + END, "", {202}),
        (gzip.compress(part(RECORDING, bytes(50_000_000)) + END), "Content-Encoding: gzip\r\n", {400}),
        (b"\r\n" * 400_000, "", {400}),
        (END, "", {400, 422}),
        (b"", "", {400}),
    ],
)
def test_uploads_that_are_none(guarded: Any, body: bytes, headers: str, statuses: set[int]) -> None:
    before, size = kept(guarded), megabytes(guarded.process.pid)
    status, said = upload(guarded, body, headers)
    assert status in statuses, said
    assert said is None or len(said) < 300
    assert megabytes(guarded.process.pid) < size + 20 and lives(guarded)
    assert status == 202 or kept(guarded) == before


def test_an_upload_that_states_less_or_more_than_it_sends(guarded: Any) -> None:
    whole = part(RECORDING) + END
    before = kept(guarded)
    assert upload(guarded, whole, length=40) == (400, "the upload ends in the middle; send it again")
    with connect(guarded) as link:
        shown = f"Authorization: Bearer {guarded.token}\r\n{UPLOAD}Content-Length: 900000\r\n"
        link.sendall(request("POST /v1/score", shown, part(RECORDING)[:-2]))
    time.sleep(0.3)
    assert kept(guarded) == before
    for kind in (
        "text/plain",
        "multipart/form-data",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=",
    ):
        assert upload(guarded, whole, kind=f"Content-Type: {kind}\r\n")[0] in (400, 415)
    assert upload(guarded, whole, kind=f"Content-Type: multipart/form-data; boundary={'x' * 1_000}\r\n")[0] == 400


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/cron.d/x.wav", "/etc/passwd", "..\\..\\windows\\win.ini", "C:\\x.wav", "a\0.wav", "a%00.wav",
        "%2e%2e%2fx.wav", "..%c0%afx.wav", "\uff0e\uff0e\u2215x.wav", "CON", ".", "..", "", "~root/.ssh/id", "a.wav:stream",
        "a\r\nX-Evil: 1.wav", "$(touch evil).wav", "-rf.wav", "a" * 3_000 + ".wav", "\u202egnp.wav", "a.wav/../../b.wav",
    ],
)  # fmt: skip
def test_no_name_of_a_file_leads_anywhere(guarded: Any, name: str) -> None:
    before = {str(each) for each in guarded.data.parent.rglob("*")}
    quoted = name.replace("\r\n", "%0D%0A").encode()
    body = part(b'Content-Disposition: form-data; name="recording"; filename="' + quoted + b'"') + END
    assert upload(guarded, body)[0] == 202
    new = {Path(each).name for each in {str(each) for each in guarded.data.parent.rglob("*")} - before}
    assert all(re.fullmatch(r"[0-9a-f]{32}|_recording_(\.[a-z0-9]+)?|calls\.sqlite.*", each) for each in new), new


def test_header_injection_by_a_name_of_a_file(guarded: Any) -> None:
    evil = b'Content-Disposition: form-data; name="recording"; filename="a\r\nX-Evil: 1"'
    with connect(guarded) as link:
        body = part(evil) + END
        shown = f"Authorization: Bearer {guarded.token}\r\n{UPLOAD}Content-Length: {len(body)}\r\n"
        link.sendall(request("POST /v1/score", shown, body))
        answer = http.client.HTTPResponse(link)
        answer.begin()
        assert answer.getheader("x-evil") is None and answer.status in (202, 400, 422)


def test_secrets_are_in_no_log_and_in_no_worker(guarded: Any, eventually: Any) -> None:
    files = {"recording": ("secret-patient-name.wav", b"RIFF nonsense"), "transcript": ("secret.json", b"{")}
    answer = httpx.post(f"{guarded.url}/v1/score", params={"wait": 20}, files=files, headers=own(guarded), timeout=30)
    assert answer.status_code == 422
    httpx.post(f"{guarded.url}/v1/session", json={"token": "almost-" + guarded.token})
    httpx.get(f"{guarded.url}/v1/model", params={"token": guarded.token})
    said = "".join(guarded.lines)
    assert guarded.token not in said and "secret" not in said
    assert all("http://" in line or "a worker ended" in line for line in guarded.lines)
    (worker,) = eventually(guarded.workers)
    assert guarded.token.encode() not in Path(f"/proc/{worker}/environ").read_bytes()
    for process in (worker, guarded.process.pid):
        assert guarded.token.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()


def test_what_is_kept_is_for_the_user_alone(guarded: Any) -> None:
    assert oct(guarded.data.stat().st_mode)[-3:] == "700"
    assert oct((guarded.data / "calls.sqlite").stat().st_mode)[-3:] == "600"
    assert all(oct(folder.stat().st_mode)[-3:] == "700" for folder in (guarded.data / "jobs").iterdir())


def test_tokens_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from tonewise.web.settings import Settings

    compared: list[tuple[bytes, bytes]] = []
    honest = hmac.compare_digest

    def watched(shown: bytes, expected: bytes) -> bool:
        compared.append((shown, expected))
        return honest(shown, expected)

    monkeypatch.setattr(security.hmac, "compare_digest", watched)
    settings = Settings(token="correct-horse-battery")
    assert not security.is_token("wrong", settings) and security.is_token("correct-horse-battery", settings)
    assert not security.authorised({"cookie": f"{security.COOKIE}=x"}, settings)
    assert len(compared) == 3


@pytest.fixture
def impatient(make_app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A server in this process whose patience is short."""
    import threading
    from types import SimpleNamespace

    from tonewise.web import connection, serving

    patience = {"HEAD_SECONDS": 0.4, "REST_SECONDS": 0.6, "LISTEN_SECONDS": 0.5, "MOST": 20}
    for name, value in patience.items():
        monkeypatch.setattr(connection, name, value)
    made: list[Any] = []
    monkeypatch.setattr(serving._Draining, "install_signal_handlers", lambda _: None, raising=False)
    monkeypatch.setattr(serving._Draining, "capture_signals", lambda _: contextlib.nullcontext())
    honest = serving._Draining.__init__

    def remember(self: Any, *given: Any) -> None:
        honest(self, *given)
        made.append(self)

    monkeypatch.setattr(serving._Draining, "__init__", remember)
    addresses: list[str] = []
    with serving.listen("127.0.0.1", 0) as listening:
        app = make_app()
        thread = threading.Thread(target=serving.serve, args=(app, listening, addresses.append))
        thread.start()
        while not addresses:
            time.sleep(0.02)
        yield SimpleNamespace(url=addresses[0], app=app)
        made[0].should_exit = True
        thread.join(30)


def cut_after(link: socket.socket, sending: bytes = b"", every: float = 0.1) -> float:
    """Seconds until the server cuts a connection on which a byte is sent now and then."""
    began = time.monotonic()
    link.settimeout(every)
    while time.monotonic() < began + 10:
        try:
            if sending:
                link.sendall(sending)
            if not link.recv(65_536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def test_who_says_nothing_or_too_slowly_is_let_go(impatient: Any) -> None:
    for first, then in ((b"", b""), (b"GET / HTTP/1.1\r\nHost: loc", b""), (b"GET / HTTP/1.1\r\nX: ", b"a")):
        with connect(impatient) as link:
            link.sendall(first)
            assert cut_after(link, then) < 3.0
    with connect(impatient) as link:  # answered at once, and the rest of its body never ends
        link.sendall(request("POST /v1/nothing", "Content-Length: 1000000\r\n"))
        assert cut_after(link, b"a") < 3.0
    with connect(impatient) as link:  # one answer does not buy more time
        link.sendall(request("GET /v1/health") + b"GET / HTTP/1.1\r\n")
        assert cut_after(link, b"a") < 3.0


def test_who_asks_and_does_not_listen_is_let_go(impatient: Any) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    key = "0" * 32
    folder = impatient.app.state.server.keeping.folders.make(key)
    (folder / "_recording_.wav").write_bytes(bytes(20_000_000))
    from tonewise.store.jobs import Job

    impatient.app.state.server.keeping.jobs.add(Job(key, "a.wav", "_recording_.wav"))
    with connect(impatient) as link:
        link.sendall(request(f"GET /v1/jobs/{key}/audio"))
        time.sleep(2.0)
        with pytest.raises(ConnectionError):
            link.recv(1)  # what waited in the system's buffers went with the connection
            while link.recv(1 << 20):
                pass
            raise ConnectionResetError
    time.sleep(0.2)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 2


def test_so_many_connections_and_no_more(impatient: Any) -> None:
    links = [connect(impatient) for _ in range(40)]
    time.sleep(0.2)
    refused = 0
    for link in links:
        link.settimeout(0.05)
        try:
            refused += not link.recv(1)
        except TimeoutError:
            continue
        except OSError:
            refused += 1
    assert refused >= 15
    for link in links:
        link.close()
    time.sleep(0.5)
    assert lives(impatient)
