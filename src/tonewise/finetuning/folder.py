"""The folder that fine-tuning leaves: an encoder as transformers saves it, what was learned beside it, and an account.

::

    FOLDER/
      config.json, preprocessor_config.json, model.safetensors   the encoder, merged: `hub:FOLDER` hears with it
      tonewise_head.safetensors                                   weights of layers, attention over frames
      finetuning.json                                             how it came to be, and what it is worth
      checkpoint.safetensors                                      only while a run is unfinished
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import BundleError
from tonewise.features.hub_files import FACTS
from tonewise.features.hub_head import save_head
from tonewise.finetuning.checkpoint import CHECKPOINT, writing
from tonewise.tables import put_back, replace_folder
from tonewise.weights.transformers_models import quiet

if TYPE_CHECKING:
    from tonewise.features.hub_network import SpeechNetwork

FORMAT, FORMAT_VERSION = "tonewise-finetuning", 1


def check_target(folder: Path, *, restart: bool = False) -> None:
    """Refuse to write over something else, or over a finished run without being told to.

    What a killed run had moved out of the way is put back first. A run that was begun anew over a finished one and is not
    finished itself may go on: its checkpoint lies beside.

    Raises:
        BundleError: saying what is there.
    """
    try:
        put_back(folder)
    except OSError as error:
        raise BundleError(f"{folder} cannot be written ({error.strerror}); choose another -o") from error
    if folder.exists() and not folder.is_dir():
        raise BundleError(f"{folder} is a file; a fine-tuned encoder is a folder: choose another -o")
    finished, unfinished = (folder / FACTS).is_file(), (folder / CHECKPOINT).is_file()
    if finished and not (unfinished or restart):
        raise BundleError(
            f"{folder} holds an encoder that is fine-tuned already; begin anew with --restart, or choose another -o"
        )
    if folder.is_dir() and any(folder.iterdir()) and not (finished or unfinished):
        raise BundleError(f"{folder} is a folder that holds something else; choose another -o")


def forget(folder: Path) -> None:
    """Drop the checkpoint of an unfinished run, if there is one."""
    (folder / CHECKPOINT).unlink(missing_ok=True)


def finish(folder: Path, network: SpeechNetwork, head: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    """Write the fine-tuned encoder whole, in place of the checkpoint.

    Args:
        folder: where to.
        network: with what was learned merged.
        head: see `hub_head`.
        facts: for `finetuning.json`; no times, no paths.

    Raises:
        BundleError: it cannot be written.
    """
    with writing(folder) as fresh:
        fresh.chmod(0o755)
        with quiet():
            network.model.config._name_or_path = ""  # where it came from on this machine is nobody's business
            network.model.save_pretrained(fresh)
            network.ears.save_pretrained(fresh)
        save_head(head, fresh)
        full = {"format": FORMAT, "format_version": FORMAT_VERSION, **facts}
        text = json.dumps(full, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (fresh / FACTS).write_text(text, encoding="utf-8")
        replace_folder(fresh, folder)
