"""Files at addresses: `s3://`, `gs://`, `az://`, `hf://`, `https://`. Each is copied once, as a whole.

A copy lies under tonewise's cache, named by the address and by what the store says of the content (checksum, time of change,
size), so that what changes there is copied anew. Only the schemes of `SCHEMES` are followed: no chains (`zip::…`), no `file://`.
fsspec does the reading; credentials are found where each store's own tools keep them.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import json
import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from tonewise.errors import InputError, MissingExtraError
from tonewise.records import Problem, Progress
from tonewise.weights import cache_root

SCHEMES = ("s3", "gs", "gcs", "az", "abfs", "abfss", "hf", "https", "http")
_WEB = ("https", "http")

CONNECTIONS = 8  # files that are copied at a time
_PATIENCE = 60.0  # seconds that a web server may say nothing; a file may take as long as it takes

_FULL = (errno.ENOSPC, errno.EDQUOT)  # what the cache's disk says, and no store

# Path("s3://bucket/a") is "s3:/bucket/a": one slash may have been lost.
_ADDRESS = re.compile(r"(?P<scheme>[a-z][a-z0-9]+):/{1,2}(?P<rest>[^/].*)", re.DOTALL)

#: What stores say of a file's content, by any name that they use for it.
_TELLING = (
    *("ETag", "etag", "md5Hash", "md5", "content_md5", "Content-MD5", "Digest", "crc32c", "generation", "blob_id"),
    *("xet_hash", "LastModified", "Last-Modified", "last_modified", "mtime", "updated", "created", "size"),
)

#: Bases of what the stores' clients raise, where they have been loaded: not all are OSErrors.
_CLIENT_ERRORS = {
    "aiohttp": ("ClientError",),
    "botocore.exceptions": ("BotoCoreError", "ClientError"),
    "google.auth.exceptions": ("GoogleAuthError",),
    "gcsfs.retry": ("HttpError",),
    "azure.core.exceptions": ("AzureError",),
    "huggingface_hub.errors": ("HfHubHTTPError",),
    "httpx": ("HTTPError",),
    "httpx2": ("HTTPError",),
}


def address(path: str | Path) -> str | None:
    """The address that a path is, with both its slashes; None where it is a path on this machine."""
    text = str(path)
    match = _ADDRESS.fullmatch(text)
    if match is None or match["scheme"] not in SCHEMES or "::" in text:
        return None
    return f"{match['scheme']}://{match['rest']}"


def shown(url: str) -> str:
    """An address for people, without what may be a secret: a query (signatures) and a user's password."""
    parts = urlsplit(url)
    if parts.scheme in _WEB:
        return parts._replace(query="", fragment="", netloc=parts.netloc.rpartition("@")[2]).geturl()
    return url


def name_of(url: str) -> str:
    """The name of the file at an address."""
    return PurePosixPath(urlsplit(url).path if url.startswith(_WEB) else url).name


def beside(url: str, name: str) -> str:
    """The address of a path that is relative to the folder of a file at `url`."""
    base = url.partition("?")[0] if url.startswith(_WEB) else url
    scheme, _, rest = base.partition("://")
    return f"{scheme}://" + os.path.normpath(f"{rest.rpartition('/')[0]}/{name}").replace(os.sep, "/")


def fetch(url: str, *, cache: str | Path | None = None) -> Path:
    """The local copy of a file, made now if there is none of this content. Several processes may ask at once.

    Args:
        url: see `address`.
        cache: tonewise's cache folder, see `weights.cache_root`.

    Raises:
        InputError: it cannot be had; the message says why.
        MissingExtraError: nothing that can read such addresses is installed.
    """
    with _told(url):
        system, path = _system(url)
        return _copy(system, path, url, system.info(path), cache_root(cache) / "remote")


def is_folder(url: str) -> bool:
    """Whether it is a folder; the web has none.

    Raises:
        InputError: see `fetch`.
    """
    if url.startswith(_WEB):
        return False
    with _told(url):
        system, path = _system(url)
        return bool(system.isdir(path))


def fetch_folder(
    url: str, *, cache: str | Path | None = None, progress: Progress | None = None
) -> tuple[Path, list[Problem]]:
    """A local copy of all files below a folder, and what could not be copied.

    Raises:
        InputError: the folder cannot be listed, or none of its files can be had.
    """
    root = cache_root(cache) / "remote"
    with _told(url):
        system, path = _system(url)
        found = system.find(path, detail=True)
    base = str(system._strip_protocol(path)).rstrip("/")
    listed = {relative: name for name in sorted(found) if (relative := _relative(name, base)) is not None}

    def copy(relative: str) -> Path:
        where, name = f"{url.rstrip('/')}/{relative}", listed[relative]
        with _told(where):
            return _copy(system, name, where, found[name], root)

    copies = _each(copy, listed, "copying files", progress)
    problems = [Problem("unreachable", name, str(why)) for name, why in copies.items() if isinstance(why, InputError)]
    files = {name: file for name, file in copies.items() if isinstance(file, Path)}
    if not files:
        why = problems[0].detail if problems else "it is empty"
        raise InputError(f"{shown(url)}: no file of this folder can be had ({why})")
    return _tree(url, files, root), problems


def fetch_all(
    urls: Iterable[str], *, cache: str | Path | None = None, progress: Progress | None = None
) -> dict[str, Path | InputError]:
    """Local copies of many files, each with its error where it cannot be had.

    Raises:
        MissingExtraError: see `fetch`.
    """
    return _each(functools.partial(fetch, cache=cache), urls, "copying recordings", progress)


def _each(
    copy: Callable[[str], Path], names: Iterable[str], what: str, progress: Progress | None
) -> dict[str, Path | InputError]:
    """What `copy` makes of each name, several at a time, or why it cannot be had."""

    def tried(name: str) -> Path | InputError:
        try:
            return copy(name)
        except MissingExtraError:
            raise
        except InputError as error:
            return error

    wanted = list(dict.fromkeys(names))
    copies: dict[str, Path | InputError] = {}
    with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="remote") as pool:
        for name, copied in zip(wanted, pool.map(tried, wanted), strict=True):
            copies[name] = copied
            if progress:
                progress(what, len(copies), len(wanted))
    return copies


def _relative(name: str, base: str) -> str | None:
    """A file's path from the folder; None for hidden files and names that lead out of it."""
    relative = name.removeprefix(base).lstrip("/")
    parts = relative.split("/")
    return None if any(part.startswith(".") or not part for part in parts) else relative


def _tree(url: str, files: Mapping[str, Path], root: Path) -> Path:
    """The files in a folder of their own names; one that is there is never changed."""
    contents = json.dumps([url, sorted((name, str(file)) for name, file in files.items())])
    target = root / "folders" / hashlib.sha256(contents.encode()).hexdigest() / _safe(name_of(url.rstrip("/")))
    if target.is_dir():
        return target
    arriving = target.parent / f".{uuid.uuid4().hex}"
    try:
        for name, file in files.items():
            place = arriving / name
            place.parent.mkdir(parents=True, exist_ok=True)
            _link(file, place)
        arriving.replace(target)
    except OSError as error:
        if not target.is_dir():  # else another process was faster
            raise _unwritable(root, error) from error
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return target


def _link(file: Path, place: Path) -> None:
    try:
        place.hardlink_to(file)
    except OSError:  # a file system without links
        shutil.copyfile(file, place)


def _system(url: str) -> tuple[Any, str]:
    import fsspec

    if address(url) != url:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise InputError(f"{shown(url)}: no address that is read; expected one of {known}")
    options: dict[str, Any] = {}
    if url.startswith(_WEB):
        import aiohttp

        # Its own limit is five minutes for a whole file.
        options["client_kwargs"] = {"timeout": aiohttp.ClientTimeout(total=None, connect=10.0, sock_read=_PATIENCE)}
    system, path = fsspec.core.url_to_fs(url, **options)
    return system, path


def _copy(system: Any, path: str, url: str, info: Mapping[str, Any], root: Path) -> Path:
    if info.get("type") == "directory":
        raise InputError(f"{shown(url)} is a folder; a file was expected")
    telling = json.dumps({name: info[name] for name in _TELLING if name in info}, default=str, sort_keys=True)
    key = hashlib.sha256(f"{url}\n{telling}".encode()).hexdigest()
    target = root / key[:2] / key / _safe(name_of(url))
    if target.is_file():
        return target
    arriving = target.with_name(f".{uuid.uuid4().hex}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        system.get_file(path, str(arriving))
        arrived, stated = arriving.stat().st_size, info.get("size")
        if stated is not None and arrived != stated:
            raise InputError(f"{shown(url)}: {arrived} of {stated} bytes arrived; run the same again")
        arriving.replace(target)
    except OSError as error:
        if error.errno in _FULL or not target.parent.is_dir():
            raise _unwritable(root, error) from error
        raise
    finally:
        with contextlib.suppress(OSError):
            arriving.unlink()
    return target


def _unwritable(root: Path, error: OSError) -> InputError:
    why = error.strerror or error
    return InputError(f"{root} cannot be written ({why}); make room there or point TONEWISE_CACHE elsewhere")


def _safe(name: str) -> str:
    """A file's name for this machine's file system, with its extension."""
    plain = re.sub(r"[^\w.() -]", "_", name).lstrip(".")
    stem, dot, extension = plain.rpartition(".")
    return (_cut(stem, 100) + dot + _cut(extension, 20) if dot else _cut(plain, 100)) or "file"


def _cut(text: str, length: int) -> str:
    """At most so many characters, and so few bytes that a name of two such parts has no more than 255."""
    return text[:length].encode()[: 2 * length].decode(errors="ignore")


@contextlib.contextmanager
def _told(url: str) -> Iterator[None]:
    """Whatever a store's client raises becomes one line."""
    try:
        yield
    except ImportError as error:
        raise MissingExtraError(f"reading {url.partition('://')[0]}:// addresses", "remote") from error
    except _failures() as error:
        what = _what_failed(error, url)
        raise InputError(f"{shown(url)} {what}; check the address, your access to it and the network") from error


def _what_failed(error: BaseException, url: str) -> str:
    # fsspec says of everything that the web does not give that it is not there.
    cause = error.__cause__ if isinstance(error, FileNotFoundError) else error
    if cause is None or getattr(cause, "status", None) in (404, 410):
        return "does not exist"
    why = " ".join(str(cause).replace(url, shown(url)).split())[:200] or type(cause).__name__
    return f"cannot be had ({why})"


def _failures() -> tuple[type[BaseException], ...]:
    loaded = [(sys.modules.get(module), name) for module, names in _CLIENT_ERRORS.items() for name in names]
    known = [getattr(module, name) for module, name in loaded if hasattr(module, name)]
    return (OSError, ValueError, RuntimeError, *known)
