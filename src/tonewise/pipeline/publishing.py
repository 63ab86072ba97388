"""Models carried elsewhere and fetched from there: the Hugging Face hub through its own library, folders and zips.

What is pushed is what was verified, byte for byte; what is pulled is verified before it is put in place, and keeps the
commit that it came from. Tokens are the library's business: this module neither reads nor shows them.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise import bundle
from tonewise.errors import BundleError, OptionError, TonewiseError
from tonewise.remote import address
from tonewise.version import __version__

_SCHEME = "hf://"

MESSAGE = "Upload a tonewise model"


@dataclass(frozen=True, slots=True)
class HubAddress:
    """A model repository of the hub: `hf://USER/REPO`, or `hf://USER/REPO@REVISION`."""

    repository: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{_SCHEME}{self.repository}" + (f"@{self.revision}" if self.revision else "")


@dataclass(frozen=True, slots=True)
class Carried:
    """Where a model was carried: `commit` is the hub's, None for a folder or zip."""

    source: str
    target: str
    commit: str | None = None


def hub_address(text: str | Path) -> HubAddress | None:
    """The repository that an address names; None where it is a path on this machine.

    Raises:
        OptionError: an address of another kind, or without a user and a repository.
    """
    url = address(text)
    if url is None:
        return None
    repository, _, revision = url.removeprefix(_SCHEME).rstrip("/").partition("@")
    if not url.startswith(_SCHEME) or len([part for part in repository.split("/") if part]) != 2:
        raise OptionError(f"{text} names no model; expected {_SCHEME}USER/REPO[@REVISION], a folder or a .zip")
    return HubAddress(repository, revision or None)


def push(model: str | Path, target: str, *, public: bool = False, endpoint: str | None = None) -> Carried:
    """Verify a model and carry it to the hub, a folder or a `.zip`.

    At the hub the repository is made if there is none, private unless `public`; one that is there keeps its visibility.

    Args:
        model: a folder or zip.
        target: `hf://USER/REPO[@BRANCH]`, a folder, or a `.zip`.
        public: whether a new repository may be read by everybody.
        endpoint: of the hub; None = the library's own (`HF_ENDPOINT`).

    Raises:
        BundleError: the model is not what it should be or hears with a folder of this machine, or the target refuses it.
        OptionError: `target` is no address of a model, or a zip that cannot be written.
    """
    place = hub_address(target)
    if place is None:
        return Carried(str(model), str(bundle.export(model, target)))
    contents = bundle.read_contents(model)
    _check_shareable(bundle.from_contents(contents))
    with _told(place, "be pushed to"):
        commit = _commit(place, bundle.parts(contents.files), public, endpoint)
    return Carried(str(model), str(place), commit)


def pull(source: str, output: str | Path, *, endpoint: str | None = None) -> Carried:
    """Fetch a model, verify it, and put it into a folder together with the commit that it is.

    Args:
        source: `hf://USER/REPO[@REVISION]`, a folder, or a zip.
        output: the folder to make; an older model there is replaced once the new one was verified.
        endpoint: of the hub; None = the library's own (`HF_ENDPOINT`).

    Raises:
        BundleError: there is no such model, it is not what it should be, or `output` holds something else.
        OptionError: `source` is no address of a model.
    """
    target, place = Path(output), hub_address(source)
    bundle.check_target(target)
    if place is None:
        contents = bundle.read_contents(source)
        bundle.from_contents(contents)
        bundle.write_folder(target, bundle.parts(contents.files))
        return Carried(source, str(target))
    with _told(place, "be pulled from"), tempfile.TemporaryDirectory(prefix="tonewise-pull-") as folder:
        commit = _download(place, Path(folder), endpoint)
        try:
            contents = bundle.read_contents(folder)
            bundle.from_contents(contents)
        except BundleError as error:
            raise BundleError(str(error).replace(folder, str(place))) from error
    origin = json.dumps({"address": str(place), "commit": commit}, indent=1) + "\n"
    bundle.write_folder(target, {**bundle.parts(contents.files), bundle.ORIGIN: origin.encode()})
    return Carried(str(place), str(target), commit)


def _check_shareable(found: bundle.Bundle) -> None:
    """A model that hears or reads with a folder of this machine is of no use elsewhere, and tells where that folder is."""
    labels = found.manifest["labels"]
    for spec in (*found.feature_specs, labels["name"], *(labels.get("members") or ())):
        name = spec.partition(":")[2].partition("#")[0]
        if name.startswith(("/", ".", "~", "\\")) or (name and Path(name).is_dir()):
            raise BundleError(
                f"{found.path} needs '{spec}', a folder of this machine that nobody else has; push that encoder to the hub "
                "and train with its name there"
            )


def _api(endpoint: str | None) -> Any:
    import huggingface_hub

    return huggingface_hub.HfApi(endpoint=endpoint, library_name="tonewise", library_version=__version__)


def _commit(place: HubAddress, files: dict[str, bytes], public: bool, endpoint: str | None) -> str:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    api = _api(endpoint)
    api.create_repo(place.repository, private=not public, exist_ok=True)
    if place.revision:
        api.create_branch(place.repository, branch=place.revision, exist_ok=True)
    there = set(api.list_repo_files(place.repository, revision=place.revision))
    operations: list[Any] = [CommitOperationAdd(name, data) for name, data in sorted(files.items())]
    # What an older model had and this one has not would be read as a part of it.
    operations += [CommitOperationDelete(name) for name in sorted((there & set(bundle.LIMITS)) - set(files))]
    made = api.create_commit(place.repository, operations, commit_message=MESSAGE, revision=place.revision)
    return str(made.oid)


def _download(place: HubAddress, folder: Path, endpoint: str | None) -> str:
    """Copy the model's files, and no others, into `folder`; returns their commit."""
    api = _api(endpoint)
    info = api.model_info(place.repository, revision=place.revision, files_metadata=True)
    sizes = {each.rfilename: each.size or 0 for each in info.siblings or []}
    if bundle.MANIFEST not in sizes:
        raise BundleError(f"{place} is no tonewise model: it has no {bundle.MANIFEST}; check the address")
    names = [name for name in bundle.LIMITS if name in sizes and name != bundle.ORIGIN]
    for name in names:
        if sizes[name] > bundle.LIMITS[name]:
            raise BundleError(f"{place}: {name} has {sizes[name]:,} bytes; no model that tonewise wrote is so large")
    api.snapshot_download(place.repository, revision=info.sha, allow_patterns=names, local_dir=folder)
    return str(info.sha)


@contextlib.contextmanager
def _told(place: HubAddress, what: str) -> Iterator[None]:
    """Whatever the hub's library raises becomes one line, and its bars are not drawn across ours."""
    from huggingface_hub.utils import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    drawn = not are_progress_bars_disabled()
    disable_progress_bars()
    try:
        yield
    except TonewiseError:
        raise
    except _failures() as error:
        raise BundleError(f"the model cannot {what} {place}: {_why(error)}") from error
    finally:
        if drawn:
            enable_progress_bars()


def _failures() -> tuple[type[BaseException], ...]:
    """What the hub's client raises: its HTTP library's own errors are among the bases of its error."""
    from huggingface_hub.errors import HfHubHTTPError

    # Of an answer that is no hub's, the library asks for keys that it has not.
    return (OSError, ValueError, RuntimeError, LookupError, TypeError, *HfHubHTTPError.__bases__)


def _why(error: BaseException) -> str:
    """The reason in our own words: the library's may hold addresses with signatures."""
    from huggingface_hub import errors

    login = "log in (hf auth login, or HF_TOKEN) as somebody who may"
    if isinstance(error, errors.RevisionNotFoundError):
        return "it has no such revision; expected a branch, tag or commit of it"
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"there is no such repository, or you may not see it; check the name, or {login}"
    if isinstance(error, errors.HFValidationError):
        return "the hub allows no such name; expected letters, digits, '-', '_' and '.'"
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(error, errors.LocalTokenNotFoundError) or status in (401, 403):
        return f"the hub refuses it; {login}"
    return _trouble(error, status)


def _trouble(error: BaseException, status: int | None) -> str:
    """What is nobody's fault here."""
    kind = type(error.__cause__ or error).__name__
    if status is not None:
        return f"the hub answered with status {status}; try again later"
    if isinstance(error, ValueError | RuntimeError | LookupError | TypeError):  # in a transfer, or of a strange answer
        return f"the hub's library gave up ({kind}); try again later"
    return f"the hub cannot be reached ({kind}); check the network, or HF_ENDPOINT and HF_HUB_OFFLINE"
