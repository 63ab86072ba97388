"""The manifest of a model: which keys it has and what they may hold. Whatever is not here is refused, with its name."""

from __future__ import annotations

import json
from typing import Any

from tonewise.bundle.migrations import FORMAT_VERSION, migrate
from tonewise.bundle.names import BASELINE, CARD, CLASSIFIER, FORMAT
from tonewise.bundle.schema import (
    Check,
    Mismatch,
    exactly,
    listed,
    mapping,
    maybe,
    number,
    plain,
    record,
    rising,
    text,
    whole,
)
from tonewise.errors import BundleError

SHARE, COUNT = number(0, 1), whole(0)

NO_BASELINE = "none"  # kind of baseline of a model that judges all voices alike

#: Columns that all encoders of a model bring together, at most.
MOST_DIMENSIONS = 1_000_000

_AUC = {"roc_auc": maybe(SHARE), "ci_low": maybe(SHARE), "ci_high": maybe(SHARE), "n": COUNT}
_SIZES = {"positives": COUNT, "groups": COUNT, "grouped_by": text()}
_INTERVAL = record(_AUC, _SIZES)
_BESIDE = {
    **{name: maybe(SHARE) for name in ("pr_auc", "positive_rate", "balanced_accuracy", "accuracy", "majority")},
    "words": maybe(_INTERVAL),
}
_EVALUATION = record(_AUC, {**_SIZES, **_BESIDE})
_ESTIMATE = record({"value": maybe(number())}, {"ci_low": maybe(number()), "ci_high": maybe(number()), "n": COUNT})

_AUDIT_SPLIT = record(
    _AUC, {**_SIZES, "contents": COUNT, "trained": COUNT, "text": maybe(_INTERVAL), "length": maybe(_INTERVAL)}
)
_FINDINGS = record(
    {"truth": text(), "verdict": text(), "why": text()},
    {
        "held_out": text(),
        "splits": mapping(_AUDIT_SPLIT),
        "missing": mapping(text()),
        **{name: maybe(_ESTIMATE) for name in ("fall", "kept", "above_text", "above_length", "text_share")},
        "repeated": maybe(_INTERVAL),
        "without_words": mapping(record(_AUC, {**_SIZES, "untouched": _INTERVAL})),
    },
)

_FEATURE = record(
    {"spec": text(r".+", "name of features"), "dimensions": whole(1, MOST_DIMENSIONS), "identity": mapping(plain)}
)
_LABELS = record(
    {"name": text()},
    {
        "threshold": SHARE,
        "prototypes": plain,
        "poles": maybe(record({}, {pole: listed(text()) for pole in ("positive", "negative", "neutral")})),
        "members": mapping(number()),
        "reliabilities": mapping(number(-1, 1)),
        "evidence": text(),
        "context": COUNT,
        "identity": plain,
    },
)
_REFINEMENT = record(
    {"rounds": COUNT},
    {
        **dict.fromkeys(("flipped", "added", "utterances"), COUNT),
        **{name: maybe(SHARE) for name in ("dropped", "before", "after")},
    },
)
_PART = record({}, dict.fromkeys(("labelled", "positive", "groups"), COUNT))
_SPLIT = record(
    {"strategy": text()},
    {"grouped_by": text(), "left_out": COUNT, **dict.fromkeys(("train", "valid", "test"), _PART)},
)
_AGREEMENT = record({}, {"both": COUNT, "agree": COUNT, "rate": maybe(SHARE), "kappa": maybe(number(-1, 1))})
_TRAINING = record(
    {"trained_groups": listed(text(r"[0-9a-f]{16}", "hash of a speaker's name"))},
    {
        **dict.fromkeys(("utterances", "recordings", "labelled"), COUNT),
        "speakers": maybe(COUNT),
        "coverage": SHARE,
        "counts": mapping(COUNT),
        "agreement": mapping(_AGREEMENT),
        "languages": mapping(COUNT),
        "tone_quantiles": maybe(rising(0, 1)),
    },
)
_CALIBRATION = record({"slope": number(), "intercept": number()}, {"n": COUNT, "against": text(), "why": text()})
_MISMATCH = record(
    {"quantiles": rising(-1, 1)},
    {"threshold": SHARE, "allowed": SHARE, "false_alarms": maybe(SHARE), "n": COUNT, "fitted_on": COUNT},
)
_SHA256 = text(r"[0-9a-f]{64}", "SHA-256")

#: Everything that training writes. `identity` and `options` are what encoders, labellers and `train` say of themselves.
SCHEMA: Check = record(
    {
        "format": exactly(FORMAT),
        "format_version": exactly(FORMAT_VERSION),
        "classes": exactly(["negative", "positive"]),
        "features": listed(_FEATURE, 1, 100),
        "baseline": record({"kind": text()}, {"shrinkage": number(0)}),
        "classifier": text(),
        "labels": _LABELS,
        "seed": whole(),
        "training": _TRAINING,
        "checksums": record({CLASSIFIER: _SHA256, CARD: _SHA256}, {BASELINE: _SHA256}),
    },
    {
        "refinement": maybe(_REFINEMENT),
        "split": _SPLIT,
        "note": text(),
        "calibration": maybe(_CALIBRATION),
        "mismatch": maybe(_MISMATCH),
        "metrics": mapping(_EVALUATION),
        "gold": maybe(record({"column": text(), **_AUC}, {**_SIZES, **_BESIDE})),
        "audit": listed(_FINDINGS, high=100),
        "versions": mapping(text()),
        "options": mapping(plain),
    },
)


def read_manifest(data: bytes, source: str) -> dict[str, Any]:
    """The manifest in its bytes, brought to today's format and checked.

    Args:
        data: of the file.
        source: what to call it in an error.

    Raises:
        BundleError: it is no JSON, no manifest of ours, of a newer format, or has keys or values that it may not have.
    """
    try:
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_undefined)
    except Mismatch as error:
        raise _damaged(source, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise _damaged(source, "it is no JSON") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise BundleError(f'{source} is no tonewise model; expected "format": "{FORMAT}"')
    migrated = migrate(found, source)
    check_manifest(migrated, source)
    return migrated


def check_manifest(manifest: dict[str, Any], source: str) -> None:
    """Refuse a manifest of today's format that has other keys or values than it may have.

    Raises:
        BundleError: naming the key.
    """
    try:
        SCHEMA(manifest, "")
        if sum(feature["dimensions"] for feature in manifest["features"]) > MOST_DIMENSIONS:
            raise Mismatch(f"its features have more than {MOST_DIMENSIONS:,} dimensions")
        if manifest["baseline"]["kind"] != NO_BASELINE and BASELINE not in manifest["checksums"]:
            raise Mismatch(f"its voices are judged against a baseline, and it has no checksum of {BASELINE}")
    except Mismatch as error:
        raise _damaged(source, str(error)) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise Mismatch("it says one thing twice: a key is repeated")
    return found


def _undefined(name: str) -> None:
    raise Mismatch(f"it holds {name}, which is no number of JSON")


def _damaged(source: str, why: str) -> BundleError:
    return BundleError(f"{source} is damaged: {why}; copy the model again, or use the tonewise that wrote it")
