"""Reading a model: every check that can be made before its numbers are used, in the order of what each one needs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.bundle.contents import Contents, read_contents
from tonewise.bundle.manifest import read_manifest
from tonewise.bundle.names import BASELINE, CARD, CLASSIFIER, MANIFEST, ORIGIN
from tonewise.bundle.npy import read_npy
from tonewise.bundle.schema import Mismatch, record, text
from tonewise.errors import BundleError
from tonewise.models import OnnxClassifier

if TYPE_CHECKING:
    import numpy as np

_ORIGIN = record({"address": text(r"hf://.+", "address"), "commit": text(r"[0-9a-f]{40}", "commit")})


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read and verified.

    Attributes:
        path: the folder or zip.
        manifest: what the model says of itself, in today's format.
        classifier: gives the tone.
        baseline: float64 `(2, d)`, mean and deviation of everybody's features; None where the model has none.
        origin: `address` and `commit` that it was pulled from; None = it was not.
    """

    path: Path
    manifest: dict[str, Any]
    classifier: OnnxClassifier
    baseline: np.ndarray | None = None
    origin: dict[str, str] | None = None

    @property
    def feature_specs(self) -> tuple[str, ...]:
        """What `features.create` makes the encoders from, in the order of the columns."""
        return tuple(feature["spec"] for feature in self.manifest["features"])


def load(path: str | Path) -> Bundle:
    """Read and verify a bundle, a folder or a zip.

    Raises:
        BundleError: it is missing, no bundle, of a newer format, damaged, or holds what no bundle of ours does.
    """
    return from_contents(read_contents(path))


def from_contents(contents: Contents) -> Bundle:
    """A verified bundle of files that were read.

    Raises:
        BundleError: see `load`.
    """
    manifest = read_manifest(contents.files[MANIFEST], contents.source(MANIFEST))
    _verify_checksums(contents, manifest["checksums"])
    dimensions = sum(feature["dimensions"] for feature in manifest["features"])
    classifier = OnnxClassifier(contents.files[CLASSIFIER], source=contents.source(CLASSIFIER), dimensions=dimensions)
    baseline = None
    if BASELINE in manifest["checksums"]:
        baseline = read_npy(contents.files[BASELINE], dimensions, contents.source(BASELINE))
    return Bundle(contents.path, manifest, classifier, baseline, _origin(contents))


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification found.

    Attributes:
        bundle: the model.
        checks: what was checked, with what was found, in order: (what, finding).
        notes: what is no fault and worth knowing.
    """

    bundle: Bundle
    checks: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


def verify(path: str | Path) -> Verified:
    """Check a bundle as `load` does, try its classifier, and tell what was checked.

    Raises:
        BundleError: the first check that fails.
    """
    contents = read_contents(path)
    found = from_contents(contents)
    _try(found)
    return Verified(found, tuple(_checks(contents, found)), tuple(_notes(contents, found)))


def _checks(contents: Contents, found: Bundle) -> Iterator[tuple[str, str]]:
    read = [name for name in contents.files if name != ORIGIN]
    total = sum(len(contents.files[name]) for name in read)
    yield "files", f"{', '.join(read)}: {total:,} bytes, none through a link, none larger than allowed"
    written = json.loads(contents.files[MANIFEST])["format_version"]
    now = found.manifest["format_version"]
    yield "format", f"{written}" if written == now else f"{written}, read as {now}"
    yield "manifest", "every key known, every value of its type and in its range"
    yield "checksums", f"SHA-256 of {', '.join(name for name in found.manifest['checksums'] if name != CARD)} as stated"
    yield (
        "classifier",
        (
            "ONNX with our own operators, opset and IR version only, no other files: "
            f"{found.classifier.dimensions} features in, two probabilities out"
        ),
    )
    if found.baseline is not None:
        yield "baseline", f"{found.baseline.shape[1]} finite means and positive deviations, no pickle"
    yield "trial", "silence, noise and huge numbers give probabilities"


def _notes(contents: Contents, found: Bundle) -> Iterator[str]:
    if hashlib.sha256(contents.files[CARD]).hexdigest() != found.manifest["checksums"][CARD]:
        yield f"{CARD} was edited after training; nothing is computed from it"
    if contents.others:
        yield f"not part of the model, and never read: {', '.join(contents.others)[:200]}"
    if found.origin:
        yield f"pulled from {found.origin['address']} at commit {found.origin['commit']}"


def _verify_checksums(contents: Contents, checksums: dict[str, str]) -> None:
    for name, expected in checksums.items():
        if name not in contents.files:
            raise BundleError(f"{contents.path} is incomplete: {name} is missing; copy the model again")
        # The card is its owner's to edit (a licence has to be filled in by hand), and nothing is computed from it.
        if name != CARD and hashlib.sha256(contents.files[name]).hexdigest() != expected:
            raise BundleError(
                f"{contents.source(name)} is damaged: its SHA-256 is not the one in {MANIFEST}; copy the model again"
            )


def _origin(contents: Contents) -> dict[str, str] | None:
    if ORIGIN not in contents.files:
        return None
    try:
        found = json.loads(contents.files[ORIGIN])
        _ORIGIN(found, "")
    except (ValueError, RecursionError, Mismatch) as error:
        raise BundleError(f"{contents.source(ORIGIN)} is damaged; delete it: the model needs it not") from error
    return dict(found)


def _try(found: Bundle) -> None:
    import numpy as np

    noise = np.random.default_rng(0).normal(size=(8, found.classifier.dimensions))
    rows = np.concatenate([np.zeros_like(noise[:1]), noise, 1e6 * noise]).astype(np.float32)
    if not np.isfinite(found.classifier.positive(rows)).all():
        raise BundleError(f"{found.path / CLASSIFIER} gives something else than probabilities; train or copy it again")
