"""What `tonewise model show` says on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tonewise.cli.console import say, table

if TYPE_CHECKING:
    from rich.console import Console


def show_model(found: Mapping[str, Any], screen: Console) -> None:
    """Print what `pipeline.describing.describe` found."""
    width = max(len(name) for name, _ in _facts(found))
    for name, value in _facts(found):
        say(screen, f"{name:<{width}}  {value}")
    rows = [list(row) for row in _figures(found)]
    if rows:
        screen.print()
        screen.print(table("Figures", ["judged on", "ROC AUC (95 %)", "words alone", "n", "speakers"], rows))
    for finding in found["audit"]:
        say(screen, f"Audit by {finding['truth']}: {finding['verdict']}: {finding['why']}.")
    if not found["audit"]:
        say(screen, "No audit was made: whether it hears tone or words is not known.")


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    training = found["training"]
    yield "model", f"{found['model']} (bundle format {found['format_version']})"
    if found["origin"]:
        yield "pulled from", f"{found['origin']['address']} at commit {found['origin']['commit']}"
    yield "hears", f"{', '.join(each['spec'] for each in found['features'])}: {found['dimensions']} dimensions"
    baseline = "each voice against its own baseline" if found["baseline"] == "speaker" else "no baseline"
    yield "decides", f"{found['classifier']}, {baseline}, seed {found['seed']}"
    yield "labels", _labels(found["labels"])
    heard = [f"{training[name]} {name}" for name in ("utterances", "recordings", "speakers") if training.get(name)]
    yield "learned from", f"{', '.join(heard)}; {training.get('labelled', 0)} with a label" + _languages(training)
    yield "calibration", _calibration(found["calibration"])
    if found.get("note"):
        yield "note", " ".join(str(found["note"]).split())
    yield "made with", ", ".join(f"{name} {value}" for name, value in (found.get("versions") or {}).items())
    changed = found["changed_versions"]
    if changed:
        yield "here", ", ".join(f"{name} {now or 'not installed'}" for name, (_, now) in changed.items())


def _labels(labels: Mapping[str, Any]) -> str:
    members = ", ".join(f"{name} {weight:.2f}" for name, weight in (labels.get("members") or {}).items())
    return str(labels["name"]) + (f" ({members})" if members else "")


def _languages(training: Mapping[str, Any]) -> str:
    languages = training.get("languages") or {}
    return f"; {', '.join(languages)}" if languages else ""


def _calibration(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return "none: tone ranks"
    if "why" in found:
        return f"none: {found['why']}"
    return f"slope {found['slope']:.2f}, intercept {found['intercept']:.2f}, on {found.get('n', 'unknown')} utterances"


def _figures(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    from tonewise.pipeline.describing import interval_of
    from tonewise.report.wording import auc_short

    named = {f"{part}, labels learned from": figures for part, figures in (found.get("metrics") or {}).items()}
    if found.get("gold"):
        named[f"test, gold column '{found['gold']['column']}'"] = found["gold"]
    for name, figures in named.items():
        auc, words = interval_of(figures), figures.get("words")
        alone = "–" if words is None else auc_short(interval_of(words))
        yield name, auc_short(auc), alone, str(auc.n), str(auc.groups or "–")
