"""What a model says of itself, for people and scripts that have only its folder; no weights are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from tonewise import bundle
from tonewise.pipeline.versions import versions
from tonewise.records import Interval

#: Of the manifest, as it stands there.
_TOLD = ("classifier", "classes", "seed", "note", "metrics", "gold", "calibration", "refinement", "split", "versions")

_LABELS = ("name", "threshold", "members", "reliabilities", "evidence", "context")
_TRAINING = ("utterances", "recordings", "speakers", "labelled", "coverage", "counts", "agreement", "languages")


def describe(path: str | Path) -> dict[str, Any]:
    """JSON of `tonewise model show`, of a verified model.

    `format_version` is the one that it is read as; `changed_versions` are packages that differ here from training:
    `{package: [then, now or null]}`; `origin` is where it was pulled from, null = it was not.

    Raises:
        BundleError: it is no model, or damaged.
    """
    found = bundle.load(path)
    manifest = found.manifest
    return {
        "model": str(path),
        "format_version": manifest["format_version"],
        "origin": found.origin,
        "features": [{name: each[name] for name in ("spec", "dimensions")} for each in manifest["features"]],
        "dimensions": found.classifier.dimensions,
        "baseline": manifest["baseline"]["kind"],
        "labels": {name: manifest["labels"][name] for name in _LABELS if name in manifest["labels"]},
        "training": {name: manifest["training"][name] for name in _TRAINING if name in manifest["training"]},
        **{name: manifest[name] for name in _TOLD if name in manifest},
        "mismatch": _without(manifest["mismatch"], "quantiles"),
        "audit": [{name: each[name] for name in ("truth", "verdict", "why")} for each in manifest["audit"]],
        "changed_versions": _changed(manifest.get("versions") or {}, manifest["classifier"]),
        "checksums": manifest["checksums"],
    }


def interval_of(found: Mapping[str, Any]) -> Interval:
    """The interval among a manifest's figures."""
    return Interval(**{each.name: found[each.name] for each in fields(Interval) if each.name in found})


def _changed(then: Mapping[str, str], classifier: str) -> dict[str, list[str | None]]:
    now = versions(classifier)
    return {name: [value, now.get(name)] for name, value in sorted(then.items()) if now.get(name) != value}


def _without(found: Mapping[str, Any] | None, name: str) -> dict[str, Any] | None:
    return None if found is None else {key: value for key, value in found.items() if key != name}
