"""Table 3: which recipe words choose, without gold, where corpora and speakers are held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.metrics import roc_auc_score

from label_voices import labels_of
from new_languages_voices import CORPORA, Languages, Recipe, learn, left_out, prepared

FEATURES = ("turn:0", "turn:1", "turn:2", "melstats", "prosody", "whisper")
BASELINES = (None, 10, 40)
STRENGTHS = (1, 16, 64, 256)
SHOWN = 12  # recipes
KINDS = ("corpora", "speakers")
FOLDS = 3  # by speaker, within a corpus
RECIPES = tuple(Recipe(*values) for values in product(FEATURES, BASELINES, STRENGTHS))


@dataclass(frozen=True)
class Trial:
    """Rows to learn from and rows that are held out: another corpus, or other speakers of the same."""

    learned: str
    tested: str
    train: np.ndarray
    test: np.ndarray


def trials(voices: Languages) -> Iterator[Trial]:
    """Every corpus by a model of every other one, and by models of its own other speakers."""
    for learned, tested in product(CORPORA, CORPORA):
        train, test = voices.within((learned,)), voices.within((tested,))
        if learned != tested:
            yield Trial(learned, tested, train, test)
            continue
        names = np.unique(voices.speakers[train])
        for fold in range(FOLDS):
            held = np.isin(voices.speakers[train], names[fold::FOLDS])
            yield Trial(learned, tested, train[~held], train[held])


def agreement(voices: Languages, trial: Trial) -> dict[Recipe, float]:
    """Correlation of each recipe's answers with what the words of the held-out clips score."""
    learned = labels_of(voices, "semantic", trial.train)
    rows = trial.train[learned.confidence[trial.train] > 0]
    spoken = trial.test[voices.scores["semantic"].notna().to_numpy()[trial.test]]
    found = {}
    for features, shrinkage in product(FEATURES, BASELINES):
        matrix = prepared(voices, Recipe(features, shrinkage, 1), trial.train)
        for strength in STRENGTHS:
            fitted = learn(matrix[rows], learned.positive[rows], learned.confidence[rows], strength)
            answered = fitted.decision_function(matrix[spoken])
            found[Recipe(features, shrinkage, strength)] = float(np.corrcoef(answered, learned.score[spoken])[0, 1])
    return found


def pooled(found: list[tuple[Trial, dict[Recipe, float]]], corpora: tuple[str, ...], kind: str) -> dict[Recipe, float]:
    """Mean correlation over the held-out clips of some corpora, each clip counting alike."""
    chosen = [
        (len(trial.test), values)
        for trial, values in found
        if {trial.learned, trial.tested} <= set(corpora) and (kind == "speakers") == (trial.learned == trial.tested)
    ]
    total = sum(size for size, _ in chosen)
    return {recipe: sum(size * values[recipe] for size, values in chosen) / total for recipe in RECIPES}


def carried_auc(voices: Languages, recipe: Recipe, known: tuple[str, ...], target: str) -> float:
    """Gold AUC on a corpus that was not heard."""
    train, test = voices.within(known), voices.within((target,))
    learned = labels_of(voices, "semantic", train)
    rows = train[learned.confidence[train] > 0]
    matrix = prepared(voices, recipe, train)
    judged = test[voices.polar[test]]
    fitted = learn(matrix[rows], learned.positive[rows], learned.confidence[rows], recipe.strength)
    return float(roc_auc_score(voices.positive[judged], fitted.decision_function(matrix[judged])))


def tell(voices: Languages) -> None:
    """Print what words say of all recipes, and what they would choose with and without the tested corpus's words."""
    found = [(trial, agreement(voices, trial)) for trial in trials(voices)]
    by_kind = {kind: pooled(found, CORPORA, kind) for kind in KINDS}
    total = {recipe: sum(values[recipe] for values in by_kind.values()) for recipe in RECIPES}
    print("\n| recipe, best first by all words | held-out corpora | held-out speakers | sum |\n|---|---|---|---|")
    for recipe in sorted(RECIPES, key=lambda each: -total[each])[:SHOWN]:
        values = [*(by_kind[kind][recipe] for kind in KINDS), total[recipe]]
        print(f"| {recipe} | {' | '.join(f'{value:+.3f}' for value in values)} |")
    print(
        "\n| judge | among | never heard | what the words of the other two choose | its gold AUC |\n|---|---|---|---|---|"
    )
    for kinds in (*((kind,) for kind in KINDS), KINDS):
        for among in (None, "turn:1"):
            _tell_nested(voices, found, kinds, among)


def _tell_nested(
    voices: Languages, found: list[tuple[Trial, dict[Recipe, float]]], kinds: tuple[str, ...], among: str | None
) -> None:
    """What is chosen where the judged corpus has no say at all."""
    start, aucs = f"| held-out {' and '.join(kinds)} | {among or 'all recipes'}", []
    for known, target in left_out():
        parts = [pooled(found, known, kind) for kind in kinds]
        recipes = [recipe for recipe in RECIPES if among in (None, recipe.features)]
        best = max(recipes, key=lambda recipe: sum(part[recipe] for part in parts))
        aucs.append(carried_auc(voices, best, known, target))
        print(f"{start} | {target} | {best} | {aucs[-1]:.3f} |", flush=True)
    print(f"{start} | mean | | **{np.mean(aucs):.3f}** |")
