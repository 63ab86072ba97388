"""The labellers by name. To add one: write its class in a file of its own, and give it a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tonewise import plugins
from tonewise.errors import OptionError
from tonewise.labels.base import DEFAULT_THRESHOLD, Labeller
from tonewise.labels.lexicon import LexiconLabeller
from tonewise.labels.poles import Poles
from tonewise.labels.prototypes import Prototypes

#: Not a labeller by itself: several of them, combined (`combining.py`).
COMBINED = "combined"

#: What a model says made its labels where they were taken from a column.
COLUMN = "column"

#: What labels are made by when nothing else is asked for: nearest to what people say of dialogue *text*, beside `semantic`,
#: and in every language that any part of it reads (docs/labels.md).
DEFAULT_LABELS = COMBINED


@dataclass(frozen=True, slots=True)
class LabellerOptions:
    """What labellers can be asked; each reads what concerns it.

    Attributes:
        threshold: 0..1; scores of no greater absolute value become abstentions.
        prototypes: `semantic`: a file of sentences for the two poles, None = tonewise's own.
        poles: `hub`: a file that says which label names are positive and which negative, None = by their names.
        endpoint: `llm`: address of an OpenAI-compatible server, None = from the environment's OPENAI_BASE_URL.
    """

    threshold: float = DEFAULT_THRESHOLD
    prototypes: Path | Prototypes | None = None
    poles: Path | Poles | None = None
    endpoint: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.threshold < 1:
            raise OptionError(
                f"threshold {self.threshold:g} is out of range: expected 0 to 1, such as {DEFAULT_THRESHOLD:g}"
            )


def _lexicon(argument: str | None, options: LabellerOptions) -> Labeller:
    _no_argument("lexicon", argument)
    return LexiconLabeller(options.threshold)


def _semantic(argument: str | None, options: LabellerOptions) -> Labeller:
    from tonewise.labels.semantic import SemanticLabeller

    return SemanticLabeller(options.threshold, encoder=argument, prototypes=options.prototypes)


def _hub(argument: str | None, options: LabellerOptions) -> Labeller:
    from tonewise.labels.hub import HubLabeller

    return HubLabeller(_argument("hub", "MODEL_ID", argument), options.threshold, poles=options.poles)


def _llm(argument: str | None, options: LabellerOptions) -> Labeller:
    from tonewise.labels.llm import LanguageModelLabeller

    return LanguageModelLabeller(_argument("llm", "MODEL", argument), options.threshold, endpoint=options.endpoint)


_REGISTRY: MappingProxyType[str, Callable[[str | None, LabellerOptions], Labeller]] = MappingProxyType(
    {"lexicon": _lexicon, "semantic": _semantic, "hub": _hub, "llm": _llm}
)

#: How each is asked for, for help and errors.
_SPECS = ("lexicon", "semantic", COMBINED, "hub:MODEL_ID", "llm:MODEL")

#: Names that no plug-in can take.
_OWN = frozenset({*_REGISTRY, COMBINED, COLUMN})


def names() -> tuple[str, ...]:
    """How labellers are asked for, as in help; those of plug-ins last."""
    return (*_SPECS, *plugins.names(plugins.LABELLERS, _OWN))


def is_labeller(spec: str) -> bool:
    """Whether `spec` asks for a labeller of text (`semantic`, `hub:some/model`, `combined`), not for a column."""
    name = spec.partition(":")[0]
    return name in _REGISTRY or name == COMBINED or name in plugins.names(plugins.LABELLERS, _OWN)


def create(spec: str, **options: Any) -> Labeller:
    """Make a labeller by name.

    Args:
        spec: one of `names()`, with what follows the colon.
        **options: fields of `LabellerOptions`.

    Raises:
        OptionError: the name is unknown, or an option is out of range.
        PluginError: a plug-in's labeller cannot be used.
    """
    return create_with(spec, LabellerOptions(**options))


def create_with(spec: str, options: LabellerOptions) -> Labeller:
    """As `create`, with options that are already put together."""
    name, colon, argument = spec.partition(":")
    plugin = plugins.find(plugins.LABELLERS, name, _OWN)
    if plugin is not None:
        made: Labeller = plugins.make(plugin, Labeller, argument if colon else None, options)
        return made
    if name not in _REGISTRY:
        raise OptionError(f"unknown labeller '{spec}'; choose {', '.join(names())}, or name a column of the corpus")
    return _REGISTRY[name](argument if colon else None, options)


def _no_argument(name: str, argument: str | None) -> None:
    if argument is not None:
        raise OptionError(f"'{name}:{argument}' is unknown: the {name} labeller takes nothing after a colon")


def _argument(name: str, what: str, argument: str | None) -> str:
    if not argument:
        raise OptionError(f"labeller '{name}' needs {what} after a colon, as in {name}:{what}")
    return argument
