"""The OpenAPI description against the server: schemathesis makes requests up, fitting and not, and believes no answer."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

pytest.importorskip("schemathesis", reason="schemathesis is not installed (dependency group dev)")


def test_every_route_says_what_it_answers(make_app: Callable[..., Any]) -> None:
    found = TestClient(make_app()).get("/openapi.json").json()
    assert set(found["paths"]) == {
        "/v1/score", "/v1/jobs/{id}", "/v1/jobs/{id}/result", "/v1/jobs/{id}/page", "/v1/jobs/{id}/audio",
        "/v1/health", "/v1/ready", "/v1/model", "/v1/limits", "/metrics",
    }  # fmt: skip
    for routes in found["paths"].values():
        for route in routes.values():
            refusals = [each for status, each in route["responses"].items() if status >= "4" and status != "416"]
            assert len(refusals) >= 3 and "summary" in route
            for each in refusals:
                assert each["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Error"}
    parts = found["paths"]["/v1/score"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert parts["required"] == ["recording"] and "EU AI Act" in parts["properties"]["agent"]["description"]


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_schemathesis_finds_nothing(start_server: Callable[..., Any], tmp_path: Path) -> None:
    token = "correct-horse-battery"
    server = start_server("--max-queued", "10000", TONEWISE_TOKEN=token)
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json"]
    command += ["--max-examples", "12", "--seed", "1", "--no-color", "--request-timeout", "20", "--checks", "all"]
    command += ["--header", f"Authorization: Bearer {token}"]
    # Ours refuses what a description cannot say: sounds that are none, and files of no recogniser's format.
    command += ["--exclude-checks", "positive_data_acceptance", "--generation-database", "none"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=140, check=False, cwd=tmp_path)
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
    assert "Traceback" not in "".join(server.lines)
