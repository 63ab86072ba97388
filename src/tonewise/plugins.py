"""What other packages add to tonewise: labellers, encoders, transcript formats, corpus layouts; found by entry points.

::

    [project.entry-points."tonewise.encoders"]
    loudness = "acme_voice:loudness"        # what users write: --features loudness

Nothing of a plug-in is imported before it is asked for. What a name means is tonewise's own before it is a plug-in's, so
that no package can change what a command did before it was installed. docs/plugins.md has a worked example.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from tonewise.errors import PluginError

_log = logging.getLogger(__name__)

#: Groups of entry points, and what the entry points of each name.
LABELLERS = "tonewise.labellers"  # (argument | None, LabellerOptions) -> Labeller
ENCODERS = "tonewise.encoders"  # (argument, "" where there is none) -> Encoder
TRANSCRIPTS = "tonewise.transcripts"  # a Format or a JsonFormat
LAYOUTS = "tonewise.corpora"  # a Layout

_WHAT = {LABELLERS: "labeller", ENCODERS: "encoder", TRANSCRIPTS: "transcript format", LAYOUTS: "corpus layout"}

#: Commas, colons and plus signs mean something where names are written.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")

#: Whatever a module may raise while it is imported, short of an interruption.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point of an installed distribution; nothing of it is imported yet.

    Attributes:
        name: what users write.
        group: `LABELLERS`, `ENCODERS`, `TRANSCRIPTS` or `LAYOUTS`.
        target: what it names, as `module:attribute`.
        distribution, version: of the package that brings it.
    """

    name: str
    group: str
    target: str
    distribution: str
    version: str

    def __str__(self) -> str:
        return f"the {_WHAT[self.group]} '{self.name}' of the plug-in {self.distribution} {self.version}"

    def load(self) -> Any:
        """Import what the entry point names.

        Raises:
            PluginError: it cannot be imported.
        """
        from importlib.metadata import EntryPoint

        try:
            return EntryPoint(self.name, self.target, self.group).load()
        except _BROKEN as error:
            raise PluginError(
                f"{self} cannot be loaded from {self.target} ({type(error).__name__}: {error}); update or remove "
                f"{self.distribution}"
            ) from error


class Identified:
    """What a plug-in made, unchanged but for its `identity`, which also names the distribution and its version.

    The identity is part of the key of everything that is kept: numbers of another version are never taken for these.
    """

    def __init__(self, made: Any, plugin: Plugin) -> None:
        self._made = made
        self._plugin = plugin

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_made":  # a copy that is not filled yet has neither
            raise AttributeError(name)
        return getattr(self._made, name)

    def __repr__(self) -> str:
        return f"{self._made!r} of {self._plugin.distribution} {self._plugin.version}"

    def identity(self) -> dict[str, Any]:
        """The identity that it states, and the plug-in's."""
        own = {"distribution": self._plugin.distribution, "version": self._plugin.version}
        return {**self._made.identity(), "plugin": own}


@functools.cache
def installed(group: str) -> Mapping[str, tuple[Plugin, ...]]:
    """The plug-ins of a group by name, in alphabetical order; looked up once a process."""
    from importlib.metadata import entry_points

    found: dict[str, list[Plugin]] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)):
        plugin = Plugin(entry.name, group, entry.value, *_origin(entry))
        if _NAME.fullmatch(entry.name):
            found.setdefault(entry.name, []).append(plugin)
        else:
            _log.warning("%s is left out: a name is made of letters, digits, '-', '_' and '.'", plugin)
    return MappingProxyType({name: tuple(plugins) for name, plugins in found.items()})


def names(group: str, own: Collection[str]) -> tuple[str, ...]:
    """Names that plug-ins add to tonewise's `own`."""
    return tuple(name for name in installed(group) if name not in own)


def find(group: str, name: str, own: Collection[str]) -> Plugin | None:
    """The plug-in of this name; None where there is none, or where the name is tonewise's `own`, which is then told.

    Raises:
        PluginError: several packages bring it.
    """
    found = installed(group).get(name, ())
    if name in own:
        tell_hidden(group, (name,))
        return None
    if len(found) > 1:
        raise PluginError(
            f"'{name}' is a {_WHAT[group]} of several plug-ins: "
            f"{', '.join(f'{plugin.distribution} {plugin.version}' for plugin in found)}; remove all but one"
        )
    return found[0] if found else None


def tell_hidden(group: str, own: Collection[str]) -> None:
    """Tell, once a process, of plug-ins that one of tonewise's `own` names hides.

    For what is recognised by content: `find`, which tells of the others, is never asked for it by name.
    """
    for name, found in installed(group).items():
        if name in own:
            _tell_shadowed(found)


def make(plugin: Plugin, contract: type, *arguments: Any) -> Any:
    """Call what a plug-in names, and check that the result has every member of `contract`, a protocol.

    Returns:
        The result, `Identified`.

    Raises:
        PluginError: it cannot be loaded, or does not keep to the contract.
    """
    factory: Callable[..., Any] = plugin.load()
    if not callable(factory):
        raise PluginError(f"{plugin} cannot be called; expected a function that makes it (docs/plugins.md)")
    made = factory(*arguments)
    expected = [member for member in dir(contract) if not member.startswith("_")]
    missing = [member for member in expected if not hasattr(made, member)]
    if missing:
        raise PluginError(f"{plugin} lacks {', '.join(missing)}; expected what docs/plugins.md lists")
    if str(made.name).partition(":")[0] != plugin.name:
        raise PluginError(f"{plugin} calls itself '{made.name}'; expected the name of its entry point")
    return Identified(made, plugin)


def load_record(plugin: Plugin, *kinds: type) -> Any:
    """What a plug-in names, where that is a record of one of `kinds` with the plug-in's own `name`.

    Raises:
        PluginError: it cannot be loaded, or is something else.
    """
    found = plugin.load()
    if not isinstance(found, kinds) or getattr(found, "name", None) != plugin.name:
        wanted = " or ".join(kind.__name__ for kind in kinds)
        raise PluginError(f"{plugin} is no {wanted} of that name; expected what docs/plugins.md lists")
    return found


@functools.cache
def _tell_shadowed(found: tuple[Plugin, ...]) -> None:
    for plugin in found:
        _log.warning("%s is not used: the name is tonewise's own; ask its authors for another name", plugin)


def _origin(entry: Any) -> tuple[str, str]:
    """Distribution and version that bring an entry point."""
    return ("unknown", "unknown") if entry.dist is None else (str(entry.dist.name), str(entry.dist.version))
