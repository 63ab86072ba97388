"""An attacker at the live socket: floods, bombs, silence, and seats taken from those who may come in."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
HELLO = json.dumps({"encoding": "mulaw", "rate": 8_000})


@pytest.fixture
def opened(guarded: Any) -> Iterator[Any]:
    """Open a socket; without `token`, as a stranger."""
    with ExitStack() as all_of_them:

        def start(*, token: bool = True, query: str = "", **headers: str) -> ClientConnection:
            shown = {"Authorization": f"Bearer {guarded.token}"} if token else {}
            address = guarded.url.replace("http", "ws", 1) + "/v1/live" + query
            link = connect(address, additional_headers={**shown, **headers}, open_timeout=10, close_timeout=1)
            return all_of_them.enter_context(link)

        yield start


def ready(link: ClientConnection) -> bool:
    link.send(HELLO)
    return bool(json.loads(link.recv(20)).get("ready"))


def refusal(link: ClientConnection) -> tuple[str, int | None]:
    """What the server says last, and its close code; None where it cut a client that was still sending."""
    said = ""
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            said = str(link.recv(20))
    return said, closed.value.rcvd and closed.value.rcvd.code


def lives(server: Any) -> bool:
    return httpx.get(f"{server.url}/v1/health", timeout=10).status_code == 200


def test_strangers_take_no_seats(guarded: Any, opened: Any) -> None:
    strangers = [opened(token=False) for _ in range(20)]
    assert ready(opened()) and ready(opened())
    third = opened()
    third.send(HELLO)
    assert refusal(third)[1] == 1013
    strangers[0].send(HELLO)
    said, code = refusal(strangers[0])
    assert code == 1008 and "token" in said and guarded.token not in said


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://[", "file://"])
def test_pages_of_other_sites_are_not_let_in(opened: Any, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        opened(Origin=origin)
    assert refused.value.response.status_code == 403


def test_a_token_in_the_address_is_not_looked_at(guarded: Any, opened: Any) -> None:
    link = opened(token=False, query=f"?token={guarded.token}&access_token={guarded.token}")
    link.send(HELLO)
    assert refusal(link)[1] == 1008
    assert guarded.token not in "".join(guarded.lines)


def test_messages_that_are_too_large(guarded: Any, opened: Any) -> None:
    for kind, data in (("text", "[" * 2_000_000), ("binary", bytes(5_000_000))):
        link = opened()
        with contextlib.suppress(ConnectionClosedError):
            assert kind == "text" or ready(link)
            link.send(data)
        assert refusal(link)[1] in (1009, None)
    link = opened()
    with contextlib.suppress(ConnectionClosedError):  # a message of pieces without end
        link.send(bytes(10_000) for _ in range(1_000))
    assert refusal(link)[1] in (1003, 1009, None)
    assert lives(guarded)


def test_nothing_is_unpacked(opened: Any) -> None:
    link = opened()  # this client offers compression
    assert link.protocol.extensions == []


def test_a_flood_of_tiny_messages_is_ended(guarded: Any, opened: Any) -> None:
    for message in (b"a", b""):
        link = opened()
        assert ready(link)
        began = time.monotonic()
        with contextlib.suppress(ConnectionClosed):
            for _ in range(20_000):
                link.send(message)
        said, code = refusal(link)
        assert code == 1008 and "messages a second" in said
        assert time.monotonic() - began < 20 and lives(guarded)


def test_a_flood_of_pings_and_broken_frames(guarded: Any, opened: Any) -> None:
    link = opened()
    assert ready(link)
    frame = Frame(Opcode.PING, b"x" * 100).serialize(mask=True)
    with contextlib.suppress(OSError):
        for _ in range(20):
            link.socket.sendall(frame * 100)
    assert lives(guarded)
    for broken in (b"\xff" * 100, b"\x82\xff" + b"\xff" * 8, b"\x82\x05hello", os.urandom(1_000)):
        link = opened()
        link.socket.sendall(broken)
        with pytest.raises(ConnectionClosed):
            while True:
                link.recv(20)
    assert lives(guarded)
    assert not any("Traceback" in line for line in guarded.lines)


def test_sound_faster_than_real_time_is_not_read(guarded: Any, opened: Any) -> None:
    link = opened()
    assert ready(link)
    link.socket.settimeout(0.5)
    sent = 0
    block = Frame(Opcode.BINARY, bytes(8_000)).serialize(mask=True)
    with contextlib.suppress(OSError):  # its own sending waits
        while sent < 60_000_000:
            link.socket.sendall(block)
            sent += 8_000
    assert sent < 30_000_000  # what the system's buffers hold, not 40 minutes of sound
    assert lives(guarded)
