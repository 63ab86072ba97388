"""Every exception that tonewise raises on purpose.

A message is one line: what is wrong, what was expected, how to mend it. ::

    TonewiseError                 caught by surfaces, printed as one line
    ├── InputError                what the user gave cannot be used (exit status 2)
    │   ├── OptionError           an unknown name or an impossible value of an option
    │   ├── CorpusError           a corpus, manifest or folder
    │   ├── AudioError            one recording
    │   ├── TranscriptError       one transcript
    │   ├── LabelError            labels that nothing can be learned from
    │   ├── SplitError            too few speakers or utterances to split, or a leak
    │   ├── BundleError           a model on disk
    │   ├── StoreError            a store of calls (in `store.opening`)
    │   ├── PluginError           a plug-in that cannot be used
    │   └── MissingExtraError     an optional dependency that is not installed
    └── WeightsError              pretrained weights cannot be had or are not what they should be (exit status 1)
"""

from __future__ import annotations


def printable(text: str) -> str:
    """Text with nothing in it that a terminal would obey. Bytes of a file's name that are no text become backslashes."""
    written = text.encode("utf-8", "backslashreplace").decode()
    return "".join(letter if letter.isprintable() else " " for letter in written)


class TonewiseError(Exception):
    """Base of all errors raised on purpose; `exit_status` is what a command line should end with."""

    exit_status = 1

    def __init__(self, message: str) -> None:
        # A stranger's file or a decoder's own words may bring anything along; a message is one line, fit for a terminal.
        super().__init__(" ".join(printable(str(message)).split()))


class InputError(TonewiseError):
    """What the user gave cannot be used."""

    exit_status = 2


class OptionError(InputError):
    """An option has an unknown name or an impossible value."""


class CorpusError(InputError):
    """A corpus cannot be read."""


class AudioError(InputError):
    """A recording cannot be decoded."""


class TranscriptError(InputError):
    """A transcript cannot be read."""


class LabelError(InputError):
    """The labels leave nothing to learn from."""


class SplitError(InputError):
    """A corpus cannot be split as asked, or a split would leak."""


class BundleError(InputError):
    """A model on disk cannot be used."""


class PluginError(InputError):
    """A package that adds to tonewise cannot be used."""


class MissingExtraError(InputError):
    """An optional dependency is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an optional dependency: pip install 'tonewise[{extra}]'")


class WeightsError(TonewiseError):
    """Pretrained weights cannot be had, or are not what they should be."""
