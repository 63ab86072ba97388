"""The encoders by name. To add one: write its file, and give it a line here."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from tonewise import plugins
from tonewise.errors import OptionError
from tonewise.features.base import Encoder
from tonewise.features.egemaps import EGeMaps
from tonewise.features.hub import Hub
from tonewise.features.mel import Mel
from tonewise.features.melstats import MelStatistics
from tonewise.features.prosody import Prosody
from tonewise.features.turn import Turn
from tonewise.features.vgg16 import Vgg16
from tonewise.features.whisper import Whisper

#: What is heard with when nothing else is asked for: the layer of `turn` that carries furthest, to voices and languages
#: that were never heard, chosen by how well it foretells what is *said* there, without gold (docs/transfer.md).
DEFAULT_FEATURES = ("turn:1",)


def _plain(name: str, make: Callable[[], Encoder]) -> Callable[[str], Encoder]:
    """How an encoder is made that takes no argument."""

    def parse(argument: str) -> Encoder:
        if argument:
            raise OptionError(f"features '{name}' take no argument, but '{argument}' was given; write '{name}'")
        return make()

    return parse


#: Each makes an encoder from the argument that follows its name, "" where there is none.
ENCODERS: MappingProxyType[str, Callable[[str], Encoder]] = MappingProxyType(
    {
        "mel": _plain("mel", Mel),
        "melstats": _plain("melstats", MelStatistics),
        "whisper": Whisper.parse,
        "turn": Turn.parse,
        "vgg16": Vgg16.parse,
        "hub": Hub.parse,
        "prosody": _plain("prosody", Prosody),
        "egemaps": _plain("egemaps", EGeMaps),
    }
)


def names() -> tuple[str, ...]:
    """Names of the encoders; those of plug-ins last."""
    return (*ENCODERS, *plugins.names(plugins.ENCODERS, ENCODERS))


def create(spec: str) -> Encoder:
    """Make an encoder from `name` or `name:argument`, as in `whisper:small.en` or `turn:0+1`. Loads nothing yet.

    Raises:
        OptionError: the name or its argument is unknown.
        PluginError: a plug-in's encoder cannot be used.
    """
    name, colon, argument = spec.strip().partition(":")
    plugin = plugins.find(plugins.ENCODERS, name, ENCODERS)
    if name not in ENCODERS and plugin is None:
        raise OptionError(f"unknown features '{spec}'; choose from {', '.join(names())}")
    if colon and not argument:
        raise OptionError(f"features '{spec}' end in a colon; name what follows it, or write '{name}'")
    if plugin is not None:
        made: Encoder = plugins.make(plugin, Encoder, argument)
        return made
    return ENCODERS[name](argument)
