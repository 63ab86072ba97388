"""Writing a model: a folder or a zip that appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.bundle.archive import to_archive
from tonewise.bundle.contents import read_contents
from tonewise.bundle.loading import from_contents
from tonewise.bundle.manifest import check_manifest
from tonewise.bundle.migrations import FORMAT_VERSION
from tonewise.bundle.names import BASELINE, CARD, CLASSIFIER, FORMAT, MANIFEST, ORIGIN
from tonewise.bundle.npy import to_npy
from tonewise.errors import BundleError
from tonewise.tables import arriving, put_back, replace_folder, write_bytes

if TYPE_CHECKING:
    import numpy as np

ZIP = ".zip"


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
        BundleError: `path` holds something else, or cannot be written; or the manifest has keys that nothing would read.
    """
    target = Path(path)
    check_target(target)
    contents = {CLASSIFIER: classifier, CARD: card.encode()}
    if baseline is not None:
        contents[BASELINE] = to_npy(baseline)
    checksums = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    full = {"format": FORMAT, "format_version": FORMAT_VERSION, **manifest, "checksums": checksums}
    text = json.dumps(full, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    check_manifest(json.loads(text), "the manifest to be written")
    write_folder(target, {**contents, MANIFEST: text.encode()})
    return target


def write_folder(target: Path, files: Mapping[str, bytes]) -> None:
    """Put files into a new folder; an older model there is gone once they are in.

    Raises:
        BundleError: it cannot be written.
    """
    try:
        with arriving(target) as fresh:
            for name, data in files.items():
                (fresh / name).write_bytes(data)
            fresh.chmod(0o755)
            replace_folder(fresh, target)
    except OSError as error:
        raise BundleError(f"the model cannot be written to {target} ({error.strerror}); choose another -o") from error


def export(model: str | Path, output: str | Path) -> Path:
    """Write a verified copy of a model: a zip where `output` ends in `.zip`, else a folder. Equal models, equal bytes.

    Raises:
        BundleError: the model is not what it should be, or the folder cannot be written.
        OptionError: the zip cannot be written.
    """
    contents = read_contents(model)
    from_contents(contents)
    files = parts(contents.files)
    target = Path(output)
    if target.suffix.lower() != ZIP:
        check_target(target)
        write_folder(target, files)
        return target
    write_bytes(to_archive(files), target)
    return target


def parts(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that make a model: not where it was pulled from."""
    return {name: data for name, data in files.items() if name != ORIGIN}


def check_target(path: str | Path) -> None:
    """Refuse to write a model over something else. A model that a killed run had moved out of the way is put back first.

    Raises:
        BundleError: `path` is a file, a folder that holds something else than a model, or no name of a folder.
    """
    target = Path(path)
    try:
        put_back(target)
        if target.exists() and not target.is_dir():
            raise BundleError(f"{target} is a file; a model is a folder: choose another -o")
        if target.is_dir() and any(target.iterdir()) and not _is_model(target):
            raise BundleError(f"{target} is a folder that holds something else than a model; choose another -o")
    except OSError as error:
        raise BundleError(f"no model can be written to {target} ({error.strerror}); choose another -o") from error


def _is_model(folder: Path) -> bool:
    """Whether a folder has a manifest of ours, of whatever format: other programs call a file `manifest.json`, too."""
    try:
        found = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def fingerprints(names: Iterable[str]) -> list[str]:
    """Short hashes of speakers' (or recordings') names, to recognise them later without telling who they are."""
    return sorted({hashlib.sha256(name.encode()).hexdigest()[:16] for name in names})
