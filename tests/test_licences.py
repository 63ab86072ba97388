"""Every pinned package may be used in a product, or is an exception with its reason; vulnerabilities are never made up."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from email.message import Message
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ("demo.txt", "lock.txt", "torch.txt", "egemaps.txt")


def tool(name: str) -> ModuleType:
    found = importlib.util.spec_from_file_location(f"release_{name}", ROOT / "release" / f"{name}.py")
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module  # where its dataclasses look for their module
    found.loader.exec_module(module)
    return module


licences, vulnerabilities = tool("licences"), tool("vulnerabilities")


@pytest.mark.parametrize("file", REQUIREMENTS)
def test_every_pinned_package_may_be_used_in_a_product(file):
    found = licences.check([ROOT / "requirements" / file])
    absent = [finding.package for finding in found if finding.licence.startswith("not installed")]
    refused = [finding for finding in found if not finding.allowed and finding.package not in absent]
    assert not refused
    if absent:
        pytest.skip(f"the licences of packages that are not installed cannot be read: {', '.join(absent)}")


def test_exceptions_are_of_packages_that_are_used():
    files = sorted((ROOT / "requirements").glob("*.txt"))
    names = {requirement.name.lower() for file in files for requirement in licences.pinned(file)}
    assert set(licences.EXCEPTIONS) <= names
    assert set(licences.CARRIED) <= names


def test_the_core_and_the_demo_need_these_exceptions_only():
    found = licences.check([ROOT / "requirements" / "demo.txt"])
    excepted = {finding.package for finding in found if finding.package in licences.EXCEPTIONS}
    assert excepted == {"espeakng-loader", "soxr", "textblob-fr"}


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("MIT AND PSF-2.0", True),
        ("GPL-3.0-only OR MIT", True),
        ("(GPL-3.0-only OR MIT)", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only", False),
        ("Apache-2.0 WITH LLVM-exception AND MIT", True),
        ("", False),
        ("not installed, so not known", False),
    ],
)
def test_expressions_are_read_as_spdx_means_them(licence, allowed):
    assert licences.is_allowed(licence) == allowed
    assert licences.judge("a-package", licence).allowed == allowed


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT"), ("License", "something else")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: BSD License"), ("License", "long text")], "BSD-3-Clause"),
        ([("Classifier", "License :: OSI Approved :: GNU General Public License v3 (GPLv3)")], ""),
        ([("License", "Apache License 2.0\nand all of its text")], "Apache-2.0"),
        ([("License", "Ask me")], "Ask me"),
        ([], ""),
    ],
)
def test_a_licence_is_read_from_what_a_package_states(fields, licence):
    message = Message()
    for key, value in fields:
        message.add_header(key, value)
    assert licences.stated(message) == licence


def test_vulnerabilities_are_told_and_what_could_not_be_asked_is_not_called_safe(monkeypatch, capsys):
    answer = [
        {"name": "safe", "version": "1", "vulns": []},
        {"name": "broken", "version": "1", "vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]},
        {"name": "unknown", "skip_reason": "not found"},
    ]
    found = vulnerabilities.sorted_out(answer)
    assert (found.asked, found.known, found.unasked) == (2, {"broken": ["PYSEC-1", "GHSA-2"]}, ["not found"])
    ran = subprocess.CompletedProcess([], 1, json.dumps({"dependencies": answer}), "")
    monkeypatch.setattr(vulnerabilities.subprocess, "run", lambda *_, **__: ran)
    assert vulnerabilities.main("a.txt") == 1
    told = capsys.readouterr().out
    assert "broken: PYSEC-1, GHSA-2" in told and "SKIPPED: 1 could not be asked about" in told


def test_without_a_service_the_audit_is_skipped_and_says_so(monkeypatch, capsys):
    ran = subprocess.CompletedProcess([], 1, "", "requests.exceptions.ConnectionError: no such host")
    monkeypatch.setattr(vulnerabilities.subprocess, "run", lambda *_, **__: ran)
    assert vulnerabilities.main("a.txt") == 0
    assert (
        "SKIPPED: 1 could not be asked about; the first: the vulnerability service cannot be" in capsys.readouterr().out
    )


def test_another_failure_of_the_audit_is_no_skip(monkeypatch):
    ran = subprocess.CompletedProcess([], 2, "", "pip_audit: unknown argument")
    monkeypatch.setattr(vulnerabilities.subprocess, "run", lambda *_, **__: ran)
    with pytest.raises(RuntimeError, match="unknown argument"):
        vulnerabilities.audit("a.txt")


def test_the_bill_of_materials_is_whole_repeats_and_holds_no_path(tmp_path):
    script = ROOT / "release" / "sbom.py"
    for name in ("one.json", "two.json"):
        subprocess.run([sys.executable, script, tmp_path / name], check=True, capture_output=True)
    text = (tmp_path / "one.json").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.json").read_text(encoding="utf-8")
    assert "file:" not in text and str(ROOT) not in text
    bill = json.loads(text)
    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "tonewise")
    names = {part["name"].lower() for part in bill["components"]}
    assert {"numpy", "onnxruntime", "scikit-learn", "huggingface-hub"} <= {name.replace("_", "-") for name in names}
    assert not names & {"pytest", "torch", "espeakng-loader", "tonewise"}
    known = {part["bom-ref"] for part in (*bill["components"], bill["metadata"]["component"])}
    assert {each["ref"] for each in bill["dependencies"]} == known


def test_an_unknown_extra_makes_no_bill(tmp_path):
    script = ROOT / "release" / "sbom.py"
    ran = subprocess.run(
        [sys.executable, script, tmp_path / "x", "nonsense"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1 and ran.stderr == "tonewise has no extra nonsense as it is installed here\n"
