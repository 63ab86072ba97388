"""Writes what tonewise is made of: a bill of materials (CycloneDX, JSON) of the wheel and what it requires.

`python release/sbom.py OUTPUT [EXTRA...]`, in an environment where it is installed. Versions, licences and who requires what
are those of this environment. Equal environments give equal bytes: there is no time, no serial number and no path in it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Collection
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = "tonewise"

#: Validation of what is cut down afterwards takes 15 s and says nothing of what is left.
COMMAND = ("-m", "cyclonedx_py", "environment", sys.executable, "--output-reproducible", "--no-validate", "-o", "-")


def required(root: str, extras: Collection[str] = ()) -> frozenset[str]:
    """Names of a distribution and of everything that it requires here, with its `extras`."""
    unknown = set(extras) - {normal(name) for name in metadata.metadata(root).get_all("Provides-Extra") or []}
    if unknown:
        raise SystemExit(f"{root} has no extra {', '.join(sorted(unknown))} as it is installed here")
    found: set[tuple[str, str]] = set()
    ahead = [(normal(root), extra) for extra in ("", *extras)]
    while ahead:
        name, extra = ahead.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                ahead += [(normal(requirement.name), inner) for inner in ("", *requirement.extras)]
    return frozenset(name for name, _ in found)


def bill(names: frozenset[str]) -> dict[str, Any]:
    """The bill of this environment, of these distributions only."""
    written = subprocess.run([sys.executable, *COMMAND], check=True, capture_output=True, text=True).stdout
    whole = json.loads(written)
    components = {part["bom-ref"]: part for part in whole["components"] if normal(part["name"]) in names}
    ours = next(part for part in components.values() if part["name"] == ROOT)
    for part in components.values():
        part["externalReferences"] = [
            reference for reference in part.get("externalReferences", []) if not reference["url"].startswith("file:")
        ]
    dependencies = [
        {**each, "dependsOn": [one for one in each.get("dependsOn", []) if one in components]}
        for each in whole["dependencies"]
        if each["ref"] in components
    ]
    others = [part for part in components.values() if part is not ours]
    described = {**whole.get("metadata", {}), "component": ours}
    return {**whole, "metadata": described, "components": others, "dependencies": dependencies}


def normal(name: str) -> str:
    """A distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(output: str, *extras: str) -> None:
    """Write the bill."""
    made = bill(required(ROOT, extras))
    Path(output).parent.mkdir(parents=True, exist_ok=True)
    Path(output).write_text(json.dumps(made, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{output}: {ROOT} and {len(made['components'])} packages that it requires")


if __name__ == "__main__":
    main(*sys.argv[1:])
