"""The REST interface with a worker of its own: results, pages, sounds, and one line for whatever cannot be served."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tonewise.web import Settings, create_app

Wav = Callable[..., bytes]
VTT = """WEBVTT

00:00.000 --> 00:01.300
<v Agent>What a wonderful day!

00:02.000 --> 00:03.300
<v Customer>I hate it.
"""


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rest") / "data"


@pytest.fixture(scope="module")
def client(small_model: Path, data: Path) -> Iterator[TestClient]:
    settings = Settings(data=data, max_upload_bytes=2_000_000, max_duration_seconds=30.0, min_free_bytes=0)
    with TestClient(create_app(small_model, settings), raise_server_exceptions=False) as found:
        yield found


def score(client: TestClient, sound: bytes, name: str = "call.wav", *, wait: float = 30, **fields: Any) -> Any:
    files = {"recording": (name, sound), **fields.pop("files", {})}
    return client.post("/v1/score", params={"wait": wait}, files=files, data=fields)


def only_error(answer: Any, status: int, said: str) -> bool:
    """One line in the error model, and nothing about this machine."""
    told = answer.json()
    assert answer.status_code == status, told
    assert list(told) == ["error"] and "\n" not in told["error"] and said in told["error"], told
    assert not re.search(r"(?<![a-zA-Z])/", told["error"]) and "Traceback" not in told["error"]
    return True


def test_a_result_is_what_the_command_prints(client: TestClient, wav: Wav, small_model: Path, tmp_path: Path) -> None:
    from tonewise.pipeline import score_many
    from tonewise.pipeline.results import score_json

    answer = score(client, wav(4.0), files={"transcript": ("words.vtt", VTT)})
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    (tmp_path / "call.wav").write_bytes(wav(4.0))
    (tmp_path / "words.vtt").write_text(VTT)
    scored, _ = score_many(small_model, tmp_path / "call.wav", transcript=tmp_path / "words.vtt", cache=False)
    expected = json.loads(json.dumps(score_json(scored)[0]))
    assert answer.json() == {**expected, "recording": "call.wav"}
    assert [each["role"] for each in answer.json()["segments"]] == ["agent", "customer"]
    assert answer.json()["segments"][0]["tone"] is None


def test_a_job_from_the_upload_to_its_removal(client: TestClient, wav: Wav, data: Path) -> None:
    sound = wav(5.0, seed=7)
    answer = score(client, sound, "../../etc/caf\u00e9 \u202e<b>.wav", wait=0)
    assert answer.status_code == 202
    address = answer.headers["location"]
    job = answer.json()
    assert job["state"] in ("queued", "running") and job["bytes"] == len(sound) and job["name"] == "café <b>.wav"
    assert [file.name for file in (data / "jobs" / job["id"]).iterdir() if file.suffix == ".wav"] == ["_recording_.wav"]
    pending = client.get(f"{address}/result")
    assert pending.status_code in (200, 409)
    while (job := client.get(address).json())["state"] not in ("done", "failed"):
        pass
    assert job["state"] == "done" and job["attempts"] == 1 and job["duration"] == 5.0
    page = client.get(job["page"])
    assert page.headers["content-type"].startswith("text/html") and f'src="{address}/audio"' in page.text
    assert "<b>.wav" not in page.text and "frame-ancestors 'none'" in page.headers["content-security-policy"]
    part = client.get(f"{address}/audio", headers={"range": "bytes=4-11"})
    assert part.status_code == 206 and part.content == sound[4:12] and part.headers["content-type"] == "audio/wav"
    assert client.get(f"{address}/audio").content == sound
    assert address + "/page" in client.get("/calls").text
    assert client.delete(address).status_code == 204
    assert address not in client.get("/calls").text and not (data / "jobs" / job["id"]).exists()
    for path in (address, f"{address}/result", f"{address}/page", f"{address}/audio"):
        assert only_error(client.get(path), 404, "no such job")
    assert only_error(client.delete(address), 404, "no such job")


def test_an_agent_is_judged_deliberately_and_told_the_law(client: TestClient, wav: Wav) -> None:
    asked = score(client, wav(), wait=0, agent="true")
    assert asked.status_code == 202 and "EU AI Act" in asked.json()["notices"][0]
    assert score(client, wav(), wait=0).json()["notices"] == []
    found = score(client, wav(4.0), agent="true", files={"transcript": ("words.vtt", VTT)}).json()
    assert found["segments"][0]["tone"] is not None
    assert any("as agent asks" in each["detail"] or "EU AI Act" in each["detail"] for each in found["problems"])
    assert only_error(score(client, wav(), channel="agent"), 422, "EU AI Act")


@pytest.mark.parametrize(
    ("sound", "name", "said"),
    [
        (b"", "empty.wav", "empty.wav"),
        (b"hello, this is no sound at all", "text.wav", "text.wav"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "cut.wav", "cut.wav"),
        (bytes(5000), "zeros.mp3", "zeros.mp3"),
        (b"\x00\x01" * 5000, "unknown.raw", "unknown.raw"),
    ],
)
def test_sound_that_is_none_is_one_line_with_the_clients_name(
    client: TestClient, sound: bytes, name: str, said: str
) -> None:
    assert only_error(score(client, sound, name), 422, said)


def test_a_recording_without_a_header_is_told(client: TestClient, wav: Wav) -> None:
    answer = score(client, wav(3.0, rate=8000)[44:], "call.raw", raw="pcm16:8000")
    assert answer.status_code == 200 and round(answer.json()["duration"], 2) == 3.0


def test_too_long_a_recording_and_a_bad_transcript(client: TestClient, wav: Wav) -> None:
    assert only_error(score(client, wav(60.0, rate=8000)), 422, "lasts 1 minutes, and this server takes 0")
    answer = score(client, wav(), files={"transcript": ("words.json", "{")})
    assert only_error(answer, 422, "the transcript")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"customer_channel": "left"}, "customer_channel is no channel"),
        ({"customer_channel": "0", "agent_channel": "0"}, "cannot be the customer's and the agent's"),
        ({"agent": "perhaps"}, "agent is neither true nor false"),
        ({"transcript_format": "scroll"}, "transcript_format is none of"),
        ({"raw": "nonsense"}, "nonsense"),
        ({"colour": "red"}, "no part called 'colour'"),
        ({"a/recording": "red"}, "no part called 'a/recording'"),
        ({"channel": "x" * 5000}, "longer than"),
    ],
)
def test_options_that_cannot_be_used(client: TestClient, wav: Wav, fields: dict[str, str], said: str) -> None:
    assert only_error(score(client, wav(1.0), **fields), 422, said)


def test_requests_that_cannot_be_read(client: TestClient, wav: Wav) -> None:
    assert only_error(client.post("/v1/score", json={}), 415, "multipart/form-data")
    assert only_error(client.post("/v1/score", data={"channel": "0"}), 415, "multipart/form-data")
    kind = {"content-type": "multipart/form-data"}
    assert only_error(client.post("/v1/score", content=b"x", headers=kind), 400, "boundary")
    kind = {"content-type": "multipart/form-data; boundary=xyz"}
    assert only_error(client.post("/v1/score", content=b"nonsense", headers=kind), 400, "cannot be read")
    assert only_error(client.post("/v1/score", content=b"--xyz\r\nCont", headers=kind), 400, "ends in the middle")
    assert only_error(client.post("/v1/score", files={"transcript": ("a", b"a")}), 422, "no recording")
    twice = [("recording", ("a.wav", b"a")), ("recording", ("b.wav", b"b"))]
    assert only_error(client.post("/v1/score", files=twice), 422, "sent twice")
    assert only_error(score(client, wav(), wait=61), 422, "wait")
    assert only_error(client.get("/v1/score"), 405, "method")
    job = client.put("/v1/jobs/" + "0" * 32)
    assert only_error(job, 405, "method") and job.headers["allow"] == "GET, DELETE"
    assert only_error(client.get("/v1/nothing"), 404, "nothing at this address")
    assert only_error(client.get("/v1/jobs/..%2f..%2fcalls.sqlite"), 404, "nothing at this address")
    assert only_error(client.get("/v1/jobs/../../calls.sqlite"), 404, "nothing at this address")
    assert only_error(client.get("/v1/jobs/" + "0" * 31), 422, "id")


def test_too_large_an_upload_leaves_nothing(client: TestClient, data: Path) -> None:
    before = set((data / "jobs").iterdir())
    assert only_error(score(client, bytes(2_100_000)), 413, "more than 2 MB")
    pieces = (b"--xyz\r\nContent-Disposition: form-data; name=recording\r\n\r\n", *(bytes(100_000) for _ in range(25)))
    kind = {"content-type": "multipart/form-data; boundary=xyz"}
    assert only_error(client.post("/v1/score", content=iter(pieces), headers=kind), 413, "more than 2 MB")
    assert set((data / "jobs").iterdir()) == before


def test_pages_of_other_sites_are_refused(client: TestClient, wav: Wav) -> None:
    for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        files = {"recording": ("call.wav", wav())}
        assert only_error(client.post("/v1/score", files=files, headers=headers), 403, "other sites")
    own = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}
    assert client.post("/v1/score", files={"recording": ("call.wav", wav())}, headers=own).status_code == 202


def test_every_answer_has_the_headers_of_a_careful_server(client: TestClient) -> None:
    for path in ("/", "/v1/health", "/v1/nothing", "/calls", "/openapi.json", "/page/upload.js"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "server" not in headers and "access-control-allow-origin" not in headers
    assert "unsafe" not in client.get("/").headers["content-security-policy"]
    assert "<script>" not in client.get("/").text and "style=" not in client.get("/").text


def test_the_server_tells_of_itself(client: TestClient, small_model: Path) -> None:
    assert client.get("/v1/health").json()["status"] == "live"
    card = client.get("/v1/model").json()
    assert card["name"] == small_model.name and card["features"] == ["melstats"] and "EU AI Act" in card["law"]
    assert client.get("/v1/limits").json()["max_upload_bytes"] == 2_000_000
    figures = client.get("/metrics").text
    assert 'tonewise_requests_total{method="GET",route="/v1/health",status="200"}' in figures
    assert "tonewise_jobs_in_state" in figures and "/v1/jobs/0" not in figures
