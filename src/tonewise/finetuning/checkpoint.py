"""What a run is after an epoch, in one safetensors file: numbers as tensors, the rest as JSON in its header; no pickle."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tonewise.errors import BundleError
from tonewise.tables import arriving

CHECKPOINT = "checkpoint.safetensors"
_KEY = "tonewise"


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch: its number from 1, mean training loss, validation AUC."""

    number: int
    loss: float
    roc_auc: float


@dataclass(slots=True)
class State:
    """Where a run stands.

    Attributes:
        fingerprint: of everything that decides what the run does: only a run with the same one goes on from here.
        history: the epochs so far.
        best: number of the epoch with the highest validation AUC, 0 = none; of equal ones the first.
        tensors: `now/NAME` and `best/NAME` of what is learned, `mean/NAME`, `square/NAME` and `step/NAME` of the optimiser.
    """

    fingerprint: str
    history: list[Epoch] = field(default_factory=list)
    best: int = 0
    tensors: dict[str, Any] = field(default_factory=dict)


def write(state: State, folder: Path) -> None:
    """Write the checkpoint whole: whenever a run is killed, the one before or this one is there.

    Raises:
        BundleError: it cannot be written.
    """
    from safetensors.torch import save_file

    facts = {"fingerprint": state.fingerprint, "history": [asdict(each) for each in state.history], "best": state.best}
    with writing(folder) as fresh:
        folder.mkdir(exist_ok=True)
        save_file(state.tensors, fresh / CHECKPOINT, metadata={_KEY: json.dumps(facts)})
        (fresh / CHECKPOINT).replace(folder / CHECKPOINT)


@contextlib.contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """A folder beside `folder` to write in, see `tables.arriving`.

    Raises:
        BundleError: what is done with it fails for want of room or rights.
    """
    from safetensors import SafetensorError

    try:
        with arriving(folder) as fresh:
            yield fresh
    except (OSError, SafetensorError) as error:  # safetensors has errors of its own for files that cannot be written
        reason = getattr(error, "strerror", None) or error
        raise BundleError(f"{folder} cannot be written ({reason}); choose another -o") from error


def read(folder: Path, fingerprint: str) -> State | None:
    """The checkpoint in `folder`, None where there is none.

    Raises:
        BundleError: it is damaged, or of a run with other options, labels or files.
    """
    from safetensors import SafetensorError, safe_open

    file = folder / CHECKPOINT
    if not file.is_file():
        return None
    try:
        with safe_open(file, framework="pt") as opened:
            facts = json.loads((opened.metadata() or {})[_KEY])
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        state = State(facts["fingerprint"], [Epoch(**each) for each in facts["history"]], facts["best"], tensors)
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{file} is damaged; begin anew with --restart") from error
    if state.fingerprint != fingerprint:
        raise BundleError(
            f"{folder} holds an unfinished run with other options, labels or files; repeat its command to go on, begin anew "
            "with --restart, or choose another -o"
        )
    return state
