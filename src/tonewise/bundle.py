"""A trained model on disk: a folder of ONNX, JSON and Markdown. Loading it runs no code that it brings.

::

    MODEL/
      manifest.json     what it is: features and their identity, label policy, figures, versions, checksums
      classifier.onnx   features (n, d) → probability of a positive tone
      baseline.npy      how everybody sounds, where voices are judged against their own baseline: float64 (2, d)
      README.md         the model card
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import BundleError
from tonewise.models import OnnxClassifier
from tonewise.tables import replace_folder

if TYPE_CHECKING:
    import numpy as np

FORMAT = "tonewise-bundle"
FORMAT_VERSION = 2
READABLE = (1, 2)  # of version 1 nothing is missing: it had no baseline
MANIFEST, CLASSIFIER, CARD, BASELINE = "manifest.json", "classifier.onnx", "README.md", "baseline.npy"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was read and verified.

    Attributes:
        manifest: what the model says of itself.
        classifier: gives the tone.
        baseline: float64 `(2, d)`, mean and deviation of everybody's features; None where the model has none.
    """

    path: Path
    manifest: dict[str, Any]
    classifier: OnnxClassifier
    baseline: np.ndarray | None = None

    @property
    def feature_specs(self) -> tuple[str, ...]:
        """What `features.create` makes the encoders from, in the order of the columns."""
        return tuple(feature["spec"] for feature in self.manifest["features"])


def save(
    path: str | Path,
    *,
    manifest: dict[str, Any],
    classifier: bytes,
    card: str,
    baseline: np.ndarray | None = None,
) -> Path:
    """Write a bundle whole: a reader never sees half of one.

    Args:
        path: the folder to make. An older bundle there is replaced; anything else is left alone.
        manifest: everything to know about the model; format, version and checksums are added.
        classifier: ONNX bytes.
        card: the model card, Markdown.
        baseline: float64 `(2, d)`, or None.

    Raises:
        BundleError: `path` holds something else, or cannot be written.
    """
    target = Path(path)
    check_target(target)
    contents = {CLASSIFIER: classifier, CARD: card.encode()}
    if baseline is not None:
        contents[BASELINE] = _as_npy(baseline)
    checksums = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    full = {"format": FORMAT, "format_version": FORMAT_VERSION, **manifest, "checksums": checksums}
    contents[MANIFEST] = (json.dumps(full, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        for name, data in contents.items():
            (fresh / name).write_bytes(data)
        fresh.chmod(0o755)
        replace_folder(fresh, target)
    except OSError as error:
        raise BundleError(f"the model cannot be written to {target} ({error.strerror}); choose another -o") from error
    return target


def load(path: str | Path) -> Bundle:
    """Read and verify a bundle.

    Raises:
        BundleError: it is missing, no bundle, of another format version, or damaged.
    """
    folder = Path(path)
    manifest = _manifest(folder)
    classifier = folder / CLASSIFIER
    _verify(folder, manifest)
    baseline = _baseline(folder / BASELINE) if BASELINE in manifest["checksums"] else None
    return Bundle(folder, manifest, OnnxClassifier(classifier.read_bytes(), source=classifier), baseline)


def fingerprints(names: Iterable[str]) -> list[str]:
    """Short hashes of speakers' (or recordings') names, to recognise them later without telling who they are."""
    return sorted({hashlib.sha256(name.encode()).hexdigest()[:16] for name in names})


def check_target(path: str | Path) -> None:
    """Refuse to write a model over something else.

    Raises:
        BundleError: `path` is a file, or a folder that holds something else than a model.
    """
    target = Path(path)
    if target.is_dir() and any(target.iterdir()) and not (target / MANIFEST).exists():
        raise BundleError(f"{target} is a folder that holds something else than a model; choose another -o")
    if target.exists() and not target.is_dir():
        raise BundleError(f"{target} is a file; a model is a folder: choose another -o")


def _as_npy(array: np.ndarray) -> bytes:
    import numpy as np

    written = io.BytesIO()
    np.save(written, array, allow_pickle=False)
    return written.getvalue()


def _baseline(file: Path) -> np.ndarray:
    import numpy as np

    try:
        return np.load(file, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{file} is no array of numbers; copy the model again") from error


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / MANIFEST
    if not file.is_file():
        hint = "" if folder.exists() else ": there is no such folder"
        raise BundleError(f"{folder} is no model{hint}; expected a folder that `tonewise train -o` wrote")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise BundleError(f"{file} is damaged: it is no JSON; train or copy the model again") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BundleError(f'{file} is no tonewise model; expected "format": "{FORMAT}"')
    if manifest.get("format_version") not in READABLE:
        raise BundleError(
            f"{folder} is of bundle format {manifest.get('format_version')}, and this tonewise reads up to "
            f"{FORMAT_VERSION}; use the tonewise that wrote it, or train again"
        )
    return manifest


def _verify(folder: Path, manifest: dict[str, Any]) -> None:
    checksums = manifest.get("checksums")
    if not isinstance(checksums, dict) or set(checksums) - {BASELINE} != {CLASSIFIER, CARD}:
        raise BundleError(f"{folder / MANIFEST} is damaged: it has no checksums of {CLASSIFIER} and {CARD}")
    for name, expected in checksums.items():
        file = folder / name
        if not file.is_file():
            raise BundleError(f"{folder} is incomplete: {name} is missing; copy the model again")
        # A card may be edited by its owner, and nothing is computed from it.
        if name != CARD and hashlib.sha256(file.read_bytes()).hexdigest() != expected:
            raise BundleError(f"{file} is damaged: its SHA-256 is not the one in {MANIFEST}; copy the model again")
