"""Table 3: ways to learn from labels that are often wrong, each with everything inside the training speakers."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import LeaveOneGroupOut
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

from label_texts import auc_cell
from label_voices import Labels, Voices, folds, gold_auc, heard, labels_of
from tonewise import models
from tonewise.labels import refinement
from tonewise.labels.refinement import Choice, Learner, Material

CELLS = [(features, by_speaker) for features in ("turn", "melstats") for by_speaker in (False, True)]
SEED = 0
CONFIDENT = "confident learning (cleanlab)"

#: Features to scores, larger = more positive.
Answer = Callable[[np.ndarray], np.ndarray]
#: Training material to an answer, and what the method did.
Method = Callable[[Material], tuple[Answer, str]]

#: Gold AUC, agreement with the words of held-out speakers, the first with its interval, and what the method did.
Judged = tuple[float, float, str, str]


def logistic(features: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> Answer:
    """Log-odds by tonewise's own logistic regression."""
    return models.fit("logistic", features, positive, confidence=weight).decision_function


def plain(material: Material, learn: Learner = logistic) -> tuple[Answer, str]:
    """The words' labels as they are, counted by their confidence."""
    labelled = material.rows(material.confidence > 0)
    return learn(labelled.features, labelled.score > 0, labelled.confidence), ""


def refined(material: Material) -> tuple[Answer, str]:
    """tonewise's refinement, which decides for itself whether and how."""
    found = refinement.refine(material, logistic)
    kept = found.weight > 0
    said = f"rounds {found.choice.rounds}, drop {found.choice.drop:g}" if found.choice.rounds else "none"
    return logistic(material.features[kept], found.positive[kept], found.weight[kept]), said


def forced(drop: float) -> Method:
    """One round of refinement, whatever held-out words say of it."""

    def method(material: Material) -> tuple[Answer, str]:
        positive, weight = refinement.apply(material, logistic, Choice(1, drop))
        kept = weight > 0
        return logistic(material.features[kept], positive[kept], weight[kept]), ""

    return method


def confident_learning(material: Material) -> tuple[Answer, str]:
    """cleanlab: leave out the labels that held-out speakers' models find wrong (C. Northcutt et al., JAIR 2021)."""
    from cleanlab.filter import find_label_issues

    labelled = material.rows(material.confidence > 0)
    positive = labelled.score > 0
    believed = np.zeros(len(positive))
    for train, rest in LeaveOneGroupOut().split(positive, groups=labelled.groups):
        answer = logistic(labelled.features[train], positive[train], labelled.confidence[train])
        believed[rest] = expit(answer(labelled.features[rest]))
    wrong = find_label_issues(positive.astype(int), np.column_stack([1 - believed, believed]), n_jobs=1)
    return plain(labelled.rows(~wrong))[0], f"{wrong.mean():.0%} left out"


def forward_correction(material: Material) -> tuple[Answer, str]:
    """Logistic regression of P(label) = ρ + (1 − 2ρ) P(mood), ρ as estimated without gold (G. Patrini et al., CVPR 2017)."""
    rate = noise_rate(material)

    def learn(features: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> Answer:
        scaler = StandardScaler().fit(features)
        rows, counted = scaler.transform(features), balanced(positive, weight)

        def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
            slopes = parameters[:-1].astype(np.float32)
            believed = expit((rows @ slopes).astype(np.float64) + parameters[-1])
            seen = np.where(positive, rate + (1 - 2 * rate) * believed, 1 - rate - (1 - 2 * rate) * believed)
            pull = np.where(positive, -1, 1) * counted * (1 - 2 * rate) * believed * (1 - believed) / seen
            slope = (pull.astype(np.float32) @ rows).astype(np.float64) + len(slopes) * parameters[:-1]
            prior = len(slopes) / 2 * np.square(parameters[:-1]).sum()  # C = 1 / d, as tonewise's own
            return prior - (counted * np.log(seen)).sum(), np.append(slope, pull.sum())

        found = minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
        return lambda others: scaler.transform(others) @ found[:-1] + found[-1]

    return plain(material, learn)[0], f"ρ {rate:.2f}"


def co_teaching(material: Material, *, selecting: bool = True) -> tuple[Answer, str]:
    """Two small networks, each learning the rows that the other finds easiest (B. Han et al., NeurIPS 2018).

    The share of rows that is left out grows over ten epochs to the noise rate that was estimated without gold.
    """
    rate = noise_rate(material) if selecting else 0.0
    labelled = material.rows(material.confidence > 0)
    scaler = StandardScaler().fit(labelled.features)
    rows, positive = scaler.transform(labelled.features), (labelled.score > 0).astype(int)
    counted = balanced(positive > 0, labelled.confidence)
    random = np.random.default_rng(SEED)
    pair = [MLPClassifier((64,), alpha=1e-2, random_state=SEED + number) for number in range(2)]
    for epoch in range(20):
        kept = 1 - rate * min(epoch / 10, 1)
        for batch in np.array_split(random.permutation(len(rows)), max(len(rows) // 128, 1)):
            easiest = [batch] * 2 if epoch == 0 else [_easiest(net, rows, positive, batch, kept) for net in pair]
            for net, chosen in zip(pair, easiest[::-1], strict=True):
                net.partial_fit(rows[chosen], positive[chosen], sample_weight=counted[chosen], classes=[0, 1])
    said = f"{rate:.0%} left out" if selecting else ""
    return lambda others: np.mean([net.predict_proba(scaler.transform(others))[:, 1] for net in pair], axis=0), said


def _easiest(net: MLPClassifier, rows: np.ndarray, positive: np.ndarray, batch: np.ndarray, kept: float) -> np.ndarray:
    believed = net.predict_proba(rows[batch])[np.arange(len(batch)), positive[batch]]
    return batch[np.argsort(-believed, kind="stable")[: max(round(kept * len(batch)), 2)]]


def two_networks(material: Material) -> tuple[Answer, str]:
    """Co-teaching's networks without its selection, to tell the two apart."""
    return co_teaching(material, selecting=False)


def noise_rate(material: Material) -> float:
    """Share of wrong labels, estimated without gold: see `combining.Combination.accuracies`."""
    return 0.5 - float(np.arcsin(material.reliability)) / np.pi


def balanced(positive: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights as tonewise's logistic regression counts rows: mean 1, both classes equally many."""
    share = np.where(positive, positive.mean(), 1 - positive.mean())
    return weight / weight.mean() / (2 * share)


METHODS: dict[str, Method] = {
    "words' labels as they are": plain,
    "refinement, its own choice": refined,
    "refinement, 1 round": forced(0.0),
    "refinement, 1 round, 40 % dropped": forced(0.4),
    CONFIDENT: confident_learning,
    "forward correction": forward_correction,
    "two networks": two_networks,
    "two networks, co-teaching": co_teaching,
}


def tell(voices: Voices) -> None:
    """Print the table, a row a method, and which method each column's held-out words would have chosen."""
    methods = dict(METHODS)
    if importlib.util.find_spec("cleanlab") is None:
        print("\ncleanlab is not installed: its rows are left out")
        del methods[CONFIDENT]
    print("\n| labels | features | method | gold AUC | held-out words | what it did |\n|---|---|---|---|---|---|")
    every = []
    for labeller in ("lexicon", "semantic"):
        for features, by_speaker in CELLS:
            found = {name: judged(voices, features, by_speaker, labeller, method) for name, method in methods.items()}
            _rows(f"{labeller} | {features}{' per speaker' * by_speaker}", found)
            every.append(found)
    _means(every)


def _rows(where: str, found: dict[str, Judged]) -> None:
    """Print a row a method, the best of each column in bold."""
    best_gold, best_words = (max(found, key=lambda name: found[name][column]) for column in (0, 1))
    for name, (_, words, cell, said) in found.items():
        gold = f"**{cell}**" if name == best_gold else cell
        held_out = f"**{words:.3f}**" if name == best_words else f"{words:.3f}"
        print(f"| {where} | {name} | {gold} | {held_out} | {said} |", flush=True)


def _means(every: list[dict[str, Judged]]) -> None:
    """Print each method's mean, and what choosing by held-out words, without gold, would have given."""
    print("\n| method | mean gold AUC | mean of held-out words |\n|---|---|---|")
    for name in every[0]:
        gold, words = (np.mean([found[name][column] for found in every]) for column in (0, 1))
        print(f"| {name} | {gold:.3f} | {words:.3f} |")
    for said, column in (("whichever held-out words rank first", 1), ("whichever gold ranks first (not to be had)", 0)):
        chosen = [max(found.values(), key=lambda judged: judged[column]) for found in every]
        print(f"| {said} | {np.mean([one[0] for one in chosen]):.3f} | {np.mean([one[1] for one in chosen]):.3f} |")


def judged(voices: Voices, features: str, by_speaker: bool, labeller: str, method: Method) -> Judged:
    """Gold AUC, mean AUC against held-out speakers' words, the first with its interval, and what the method did."""
    scores, agreement, did = np.zeros(len(voices.gold)), [], Counter()
    for train, test in folds(voices, SEED):
        learned = labels_of(voices, labeller, train)
        matrix = heard(voices, features, by_speaker, train)
        spoken = train[voices.scores[["lexicon", "semantic"]].notna().all(axis=1).to_numpy()[train]]
        answer, said = method(_material(voices, matrix, learned, spoken))
        scores[test] = answer(matrix[test])
        did[said] += 1
        agreement.append(_agreement(scores, learned, test))
    found = gold_auc(voices, scores)
    said = "; ".join(f"{what} ×{often}" if often > 1 else what for what, often in did.most_common() if what)
    return float(found.roc_auc or 0), float(np.mean(agreement)), auc_cell(found), said


def _material(voices: Voices, matrix: np.ndarray, learned: Labels, rows: np.ndarray) -> Material:
    return Material(
        matrix[rows], learned.score[rows], learned.confidence[rows], voices.speakers[rows], learned.reliability
    )


def _agreement(scores: np.ndarray, learned: Labels, test: np.ndarray) -> float:
    """AUC against the words' labels of speakers held out, counted by confidence: what can be known without gold."""
    rows = test[learned.confidence[test] > 0]
    return float(roc_auc_score(learned.positive[rows], scores[rows], sample_weight=learned.confidence[rows]))
