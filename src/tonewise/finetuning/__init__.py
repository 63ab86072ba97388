"""Fine-tuning: a speech encoder learns from weak labels, and is left in a folder that `hub:` hears with."""

from tonewise.finetuning.examples import Examples
from tonewise.finetuning.folder import check_target, finish, forget
from tonewise.finetuning.settings import Settings
from tonewise.finetuning.training import Tuned, tune

__all__ = ["Examples", "Settings", "Tuned", "check_target", "finish", "forget", "tune"]
