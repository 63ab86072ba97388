"""Pretrained files from the Hugging Face hub or from its cache on this machine; an absent hub costs seconds."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.errors import OptionError, WeightsError
from tonewise.weights.checksums import missing, wrong
from tonewise.weights.known import Unavailable, Weights

#: Seconds that the hub has to answer at all. Its own client tries a silent host again and again, for minutes.
PATIENCE = 3.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What users' own models of one kind are made of.

    Attributes:
        noun: what people call them.
        weights: the pattern of the files without which there is no model.
        files: patterns of all that is taken from the hub.
        expected: the files of a folder, for people.
    """

    noun: str
    weights: str
    files: tuple[str, ...]
    expected: str


def local(model: str) -> Path | None:
    """The user's own folder of that name, None where there is none and the hub is meant."""
    try:
        folder = Path(model).expanduser()
    except RuntimeError:  # the home of somebody whom this machine does not know
        return None
    return folder if folder.is_dir() else None


def shown_name(model: str) -> str:
    """OWNER/NAME; of a folder its name alone, so that no result depends on where it lies."""
    folder = local(model)
    return model if folder is None else folder.resolve().name


def commit(folder: Path) -> str | None:
    """The commit at the hub that a folder of its cache holds, None for the user's own folder."""
    return folder.name if folder.parent.name == "snapshots" else None


def locate(model: str, kind: Kind, revision: str | None = None) -> Path:
    """The folder of a model's files: the user's own, the hub's cache, or fetched from the hub into its cache.

    Raises:
        OptionError: there is no such folder, model or revision.
        WeightsError: the model cannot be fetched.
    """
    folder = local(model)
    if folder is not None:
        return folder
    with contextlib.suppress(Unavailable):
        found = _snapshot(model, kind.files, online=False, revision=revision)
        if any(found.glob(kind.weights)) and (found / "config.json").is_file():
            return found
    try:
        return _snapshot(model, kind.files, online=True, revision=revision)
    except Unavailable as reason:
        raise _absence(model, kind, revision, reason) from reason


def find(entry: Weights, *, online: bool) -> Path:
    """The hub's snapshot folder with all files of `entry`, downloaded first if `online`.

    The files stay in the hub's own cache, which other programs share. `HF_HUB_OFFLINE` is respected.

    Raises:
        Unavailable: there is no repository, no connection, or the repository holds other files than the pinned ones.
    """
    if entry.hub is None:
        raise Unavailable("they are not at the Hugging Face hub")
    folder = _snapshot(entry.hub, [*(file.name for file in entry.files), *entry.patterns], online=online)
    if missing(entry, folder) or wrong(entry, folder):
        raise Unavailable(f"the Hugging Face hub has other files in {entry.hub}")
    return folder


def _snapshot(repository: str, files: Sequence[str], *, online: bool, revision: str | None = None) -> Path:
    """The folder of the hub's cache with those files of a repository that match.

    Raises:
        Unavailable: there is none; its cause is what the hub's client says.
    """
    import huggingface_hub

    options: dict[str, Any] = {"local_files_only": not online, "etag_timeout": PATIENCE}
    try:
        if online:
            huggingface_hub.HfApi().model_info(repository, revision=revision, timeout=PATIENCE)
            options["tqdm_class"] = _silent_bars()
        return Path(
            huggingface_hub.snapshot_download(repository, revision=revision, allow_patterns=list(files), **options)
        )
    except _failures() as error:
        raise Unavailable("the Hugging Face hub cannot be reached") from error


def _absence(model: str, kind: Kind, revision: str | None, reason: Unavailable) -> OptionError | WeightsError:
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError, RevisionNotFoundError

    if isinstance(reason.__cause__, RevisionNotFoundError):
        return OptionError(f"model '{model}' has no revision '{revision}'; expected a branch, tag or commit of it")
    if isinstance(reason.__cause__, HFValidationError | RepositoryNotFoundError):
        return OptionError(
            f"'{model}' is no folder here and no model at the Hugging Face hub that you may read; expected OWNER/NAME as "
            f"on its page, or a folder with {kind.expected}"
        )
    named = f"'{model}'" if revision is None else f"'{model}' at revision '{revision}'"
    return WeightsError(
        f"{kind.noun} {named} is not on this machine and cannot be fetched: {reason}. Connect to the internet once, or "
        "give a folder with its files"
    )


def _failures() -> tuple[type[BaseException], ...]:
    """What the hub's client raises without a connection: its HTTP library has changed, and with it the exceptions."""
    from huggingface_hub.errors import HfHubHTTPError

    return (OSError, ValueError, RuntimeError, *HfHubHTTPError.__bases__)


def _silent_bars() -> type:
    from huggingface_hub.utils import tqdm

    class Silent(tqdm):
        """The hub's own bars would be drawn across ours."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})  # type: ignore[no-untyped-call]

    return Silent
