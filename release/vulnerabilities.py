"""Asks pip-audit for known vulnerabilities of pinned packages: `python release/vulnerabilities.py requirements/demo.txt`.

Its exit status is 1 where one is known, and 0 where none is. Packages that could not be asked about (without a network, or
behind an index that holds no such data) are counted and told: not asked is not the same as none known.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Any

SECONDS = 120

#: In what pip-audit writes to stderr where its service cannot be reached.
UNREACHABLE = ("ConnectionError", "ServiceError", "Timeout")


@dataclass(frozen=True, slots=True)
class Audit:
    """What was learned.

    Attributes:
        asked: packages whose vulnerabilities are known to be all in `known`.
        known: identifiers of vulnerabilities, by package.
        unasked: why packages, or all of them, could not be asked about.
    """

    asked: int = 0
    known: dict[str, list[str]] = field(default_factory=dict)
    unasked: list[str] = field(default_factory=list)


def audit(*files: str) -> Audit:
    """Ask about all packages that requirement files pin.

    Raises:
        RuntimeError: pip-audit failed for another reason than that its service cannot be reached.
    """
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner=off", "-f", "json"]
    wanted = [argument for file in files for argument in ("-r", file)]
    try:
        ran = subprocess.run([*command, *wanted], capture_output=True, text=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Audit(unasked=[f"pip-audit did not end in {SECONDS} s"])
    if ran.stdout.startswith("{"):
        return sorted_out(json.loads(ran.stdout)["dependencies"])
    if any(word in ran.stderr for word in UNREACHABLE):
        return Audit(unasked=["the vulnerability service cannot be reached"])
    raise RuntimeError(ran.stderr)


def sorted_out(dependencies: list[dict[str, Any]]) -> Audit:
    """pip-audit's own answer as an `Audit`."""
    unasked = [each["skip_reason"] for each in dependencies if "skip_reason" in each]
    answered = [each for each in dependencies if "skip_reason" not in each]
    known = {each["name"]: [one["id"] for one in each["vulns"]] for each in answered if each["vulns"]}
    return Audit(len(answered), known, unasked)


def main(*files: str) -> int:
    """Print what is known, and what could not be asked."""
    found = audit(*files)
    for name, known in found.known.items():
        print(f"{name}: {', '.join(known)}")
    print(f"{found.asked} packages were asked about, {len(found.known)} have known vulnerabilities")
    if found.unasked:
        print(f"SKIPPED: {len(found.unasked)} could not be asked about; the first: {found.unasked[0]}")
    return 1 if found.known else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
