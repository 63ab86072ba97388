"""Manifests of older formats brought to today's, one step a version. A step is never changed once it was released."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tonewise.errors import BundleError

Manifest = dict[str, Any]


def _to_2(manifest: Manifest) -> Manifest:
    """Format 2 has a baseline, and keeps the labeller's choices apart from what identifies it."""
    labels = dict(manifest.get("labels") or {})
    if "identity" not in labels:
        labels = {"name": labels.get("name", ""), "threshold": labels.get("threshold", 0.1), "identity": labels}
    return {"baseline": {"kind": "none"}, **manifest, "labels": labels}


def _to_3(manifest: Manifest) -> Manifest:
    """Format 3 always says what was not measured, and which languages were heard; nothing else may be in it."""
    training = {"languages": {}, "tone_quantiles": None, **(manifest.get("training") or {})}
    added: Manifest = {"refinement": None, "calibration": None, "mismatch": None, "gold": None, "audit": []}
    return {**added, **manifest, "training": training}


#: The step at position i leads from format i + 1 to format i + 2.
STEPS: tuple[Callable[[Manifest], Manifest], ...] = (_to_2, _to_3)

FORMAT_VERSION = len(STEPS) + 1
READABLE = tuple(range(1, FORMAT_VERSION + 1))


def migrate(manifest: Manifest, source: str) -> Manifest:
    """A manifest in today's format; `source` names it in an error.

    Raises:
        BundleError: its format is newer than this tonewise, or none.
    """
    version = manifest.get("format_version")
    if isinstance(version, bool) or not isinstance(version, int) or version not in READABLE:
        raise BundleError(
            f"{source} is of bundle format {str(version)[:20]}, and this tonewise reads up to {FORMAT_VERSION}; use the "
            "tonewise that wrote it, or train again"
        )
    try:
        for step in STEPS[version - 1 :]:
            manifest = step(manifest)
    except (TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"{source} is damaged: it is no manifest of format {version}; copy the model again"
        ) from error
    return {**manifest, "format_version": FORMAT_VERSION}
