"""A model as one zip: the same model gives the same bytes, and what others have zipped is read in memory and distrusted."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from tonewise.bundle.names import CARD, CLASSIFIER, LIMITS, MANIFEST, MIB, ORIGIN
from tonewise.errors import BundleError

#: The least that a zip can say.
_DATE = (1980, 1, 1, 0, 0, 0)

#: Our own files shrink to a tenth at most; a bomb grows a thousandfold.
_MOST_GROWTH = 100
_LINK, _KIND = 0o120000, 0o170000

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def to_archive(files: Mapping[str, bytes]) -> bytes:
    """The files of a model as a zip.

    They are stored as they are: compressed bytes depend on the version of zlib, and equal models shall have equal bytes.
    """
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = 3  # Unix, whatever this machine is
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name])
    return written.getvalue()


def read_archive(file: Path) -> dict[str, bytes]:
    """The files of a model in a zip. Nothing is written to disk.

    Raises:
        BundleError: it is no zip, is damaged, holds other files than a model's, or would grow too large.
    """
    try:
        if file.stat().st_size > sum(LIMITS.values()):
            raise BundleError(f"{file} is too large to be a model; expected what `tonewise model export` wrote")
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _check_names(file, [entry.filename for entry in entries])
            return {entry.filename: _read_entry(archive, entry, file) for entry in entries}
    except zipfile.BadZipFile as error:
        raise BundleError(
            f"{file} is no model: neither a folder nor a zip that can be read; expected what `tonewise model export` wrote"
        ) from error
    except OSError as error:
        raise BundleError(f"{file} cannot be read ({error.strerror or error}); copy the model again") from error
    except (zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError, IndexError) as error:
        raise BundleError(f"{file} is damaged: its zip cannot be read; copy the model again") from error


def _check_names(file: Path, names: list[str]) -> None:
    if len(names) > len(LIMITS):
        raise BundleError(f"{file} holds {len(names)} files, and a model has at most {len(LIMITS)}; export it again")
    for name in names:
        if name not in LIMITS or name == ORIGIN:
            raise BundleError(
                f"{file} holds '{name[:80]}', which is no file of a model; expected {MANIFEST}, {CLASSIFIER}, {CARD} at its "
                "top, as `tonewise model export` writes them"
            )
    if len(set(names)) < len(names):
        raise BundleError(f"{file} holds a file twice: which one counts cannot be told; export the model again")
    if MANIFEST not in names:
        raise BundleError(f"{file} is no model: it has no {MANIFEST}; expected what `tonewise model export` wrote")


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, file: Path) -> bytes:
    name, limit = entry.filename, LIMITS[entry.filename]
    if entry.flag_bits & 1 or entry.compress_type not in _METHODS or entry.external_attr >> 16 & _KIND == _LINK:
        raise BundleError(f"{file}: {name} is encrypted, a link, or packed in a rare way; export the model again")
    if entry.file_size > limit:
        raise BundleError(f"{file}: {name} has more than {limit:,} bytes; no model that tonewise wrote is so large")
    if entry.file_size > max(MIB, _MOST_GROWTH * entry.compress_size):
        raise BundleError(
            f"{file}: {name} would grow from {entry.compress_size:,} to {entry.file_size:,} bytes: refused"
        )
    with archive.open(entry) as stream:
        # One byte more than was declared shows who lies; zipfile itself stops there and checks the sum.
        data = stream.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise BundleError(f"{file} is damaged: {name} is not as long as it should be; copy the model again")
    return data
