"""Pretrained files from the Hugging Face hub or from its cache on this machine; an absent hub costs seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.weights.checksums import missing, wrong
from tonewise.weights.known import Unavailable, Weights

#: Seconds that the hub has to answer at all. Its own client tries a silent host again and again, for minutes.
PATIENCE = 3.0


def find(entry: Weights, *, online: bool) -> Path:
    """The hub's snapshot folder with all files of `entry`, downloaded first if `online`.

    The files stay in the hub's own cache, which other programs share. `HF_HUB_OFFLINE` is respected.

    Raises:
        Unavailable: there is no repository, no connection, or the repository holds other files than the pinned ones.
    """
    if entry.hub is None:
        raise Unavailable("they are not at the Hugging Face hub")
    import huggingface_hub

    names = [*(file.name for file in entry.files), *entry.patterns]
    options: dict[str, Any] = {"allow_patterns": names, "local_files_only": not online, "etag_timeout": PATIENCE}
    try:
        if online:
            huggingface_hub.HfApi().model_info(entry.hub, timeout=PATIENCE)
            options["tqdm_class"] = _silent_bars()
        folder = Path(huggingface_hub.snapshot_download(entry.hub, **options))
    except _failures() as error:
        raise Unavailable("the Hugging Face hub cannot be reached") from error
    if missing(entry, folder) or wrong(entry, folder):
        raise Unavailable(f"the Hugging Face hub has other files in {entry.hub}")
    return folder


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
