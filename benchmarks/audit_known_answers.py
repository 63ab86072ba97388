"""Does the audit give the right answer where the answer is known? Reprint the tables of docs/audit.md.

    python benchmarks/audit_known_answers.py [--seeds 6 7 8 9 10] [--features turn whisper] [--simulated 200]

Voices of the demo (extra `demo`, synthetic speech) say words that are positive or negative in either tone, independently;
a label follows the tone in a stated share of the clips and the word in the rest. How much of the skill of a recipe really
is tone is told by a regression of its out-of-fold scores (new voices, known words) on what was made, tone and words: with
slopes b and a share p of labels that follow the tone, p · b_tone / (p · b_tone + (1 − p) · b_words).

Fixed before anything was measured: from three quarters on only "hears tone" is right, up to one quarter only "reads words",
between them "cannot tell" or the side that carries more. With too few clips only "cannot tell" is right.

`--simulated N` makes N corpora of numbers in place of voices, where everything is known, for rates of error.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from tonewise import splits
from tonewise.demo.known_answers import MIXTURES, Size, make_known_answers, mixture_column
from tonewise.evaluation.audit import CANNOT_TELL, HEARS_TONE, READS_WORDS, AuditFindings
from tonewise.pipeline.auditing_folds import MATCHED, Material, Recipe, Scored
from tonewise.pipeline.auditing_study import judge, score_splits
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.spoken import contents, documents

CLEARLY = 0.75  # of the skill: from here on only one answer is right
FEW = ((4, 6), (6, 10))  # voices and words of either polarity


class Case(NamedTuple):
    """One audit: the share of labels that follow the tone, what of the skill really is tone, and what was found."""

    share: float
    tone: float
    found: AuditFindings
    few: bool = False

    @property
    def right(self) -> bool:
        """Whether the verdict is one that was allowed beforehand."""
        return self.found.verdict.name in allowed(self.tone, self.few)


def allowed(tone: float, few: bool = False) -> set[str]:
    """Verdicts that are right where `tone` is the share of the skill that is tone."""
    if few:
        return {CANNOT_TELL}
    side = HEARS_TONE if tone > 0.5 else READS_WORDS
    return {side} if max(tone, 1 - tone) >= CLEARLY else {side, CANNOT_TELL}


def tone_share(scored: Scored, share: float, tone: np.ndarray, words: np.ndarray) -> float:
    """What of a recipe's skill is tone, told by how it was made; `tone` and `words` are +1 or −1."""
    parts = []
    for fold in range(scored.fold.max() + 1):
        rows = scored.fold == fold
        target = (scored.sound[rows] - scored.sound[rows].mean()) / (scored.sound[rows].std() or 1.0)
        parts.append(np.column_stack([target, tone[rows], words[rows]]))
    table = np.concatenate(parts)
    design = np.column_stack([np.ones(len(table)), table[:, 1:]])
    _, by_tone, by_words = np.maximum(np.linalg.lstsq(design, table[:, 0], rcond=None)[0], 0.0)
    carried = share * by_tone + (1 - share) * by_words
    return float(share * by_tone / carried) if carried > 0 else 0.5


def audit_case(material: Material, recipe: Recipe, share: float, tone: Any, words: Any, seed: int, few: bool) -> Case:
    """Audit one labelling of one corpus."""
    scores = score_splits(material, recipe, seed=seed, jobs=2)
    found = judge(material, scores, f"labels, {share:.0%} by tone", material.label)
    signs = [np.where(np.asarray(each) == "positive", 1.0, -1.0) for each in (tone, words)]
    really = tone_share(scores.splits[MATCHED], share, *signs) if MATCHED in scores.splits else 0.5
    return Case(share, really, found, few)


def material_of(rows: pd.DataFrame, matrix: np.ndarray, share: float) -> Material:
    """Rows of a corpus of known answer, labelled by one mixture."""
    groups, grouped_by = splits.speaker_groups(rows)
    return Material(
        features=matrix,
        label=rows[mixture_column(share)].to_numpy(dtype=object),
        confidence=np.ones(len(rows)),
        groups=groups.to_numpy(),
        voices=groups.to_numpy(),
        contents=contents(rows).to_numpy(),
        documents=documents(rows),
        grouped_by=grouped_by,
    )


def cases_of(features: str, seed: int, size: Size, folder: Path) -> list[Case]:
    """All audits of one seed."""
    manifest = make_known_answers(folder / f"seed{seed}", seed=seed, size=size)
    rows = audible(read_corpora(manifest), jobs=2).utterances
    encoders = create_encoders([features])
    matrix = hear(rows, encoders, seed=seed, cache=open_cache(folder / "features")).matrix
    recipe = Recipe("logistic", blocks=(matrix.shape[1],))
    cases = []
    for share in MIXTURES:
        material = material_of(rows, matrix, share)
        cases.append(audit_case(material, recipe, share, rows["tone"], rows["words"], seed, few=False))
    for voices, words in FEW:
        chosen = few_rows(rows, voices, words)
        for share in (0.0, 1.0):
            small = rows[chosen].reset_index(drop=True)
            material = material_of(small, matrix[chosen], share)
            cases.append(audit_case(material, recipe, share, small["tone"], small["words"], seed, few=True))
    return cases


def few_rows(rows: pd.DataFrame, voices: int, words: int) -> np.ndarray:
    """Rows of the first voices and of the first words of either polarity."""
    kept = rows["speaker"].isin(rows["speaker"].unique()[:voices])
    last = rows["text"].str.lower().str.rstrip(".").str.split().str[-1]
    some = [word for polarity in ("positive", "negative") for word in last[rows["words"] == polarity].unique()[:words]]
    return (kept & last.isin(some)).to_numpy()


def simulated(share: float, seed: int, size: Size) -> Case:
    """A corpus of numbers: forty features that hear the tone and, as well, which word is said."""
    rng = np.random.default_rng(seed)
    words = np.repeat(np.arange(2 * size.words), size.repeats)
    voices = np.concatenate([rng.permutation(size.voices)[: size.repeats] for _ in range(2 * size.words)])
    polarity = np.where(words < size.words, "positive", "negative")
    tone = rng.permutation(np.array(["positive", "negative"])[np.arange(len(words)) % 2])
    label = np.where(rng.random(len(words)) < share, tone, polarity)
    heard = np.where(tone == "positive", 0.5, -0.5)[:, None] * rng.normal(size=40) / 2
    matrix = (
        heard + 0.8 * rng.normal(size=(2 * size.words, 40))[words] + 0.5 * rng.normal(size=(size.voices, 40))[voices]
    )
    matrix = (matrix + rng.normal(size=matrix.shape)).astype(np.float32)
    names = np.array([f"voice{voice}" for voice in voices], dtype=object)
    said = [(f"w{word}",) for word in words]
    material = Material(
        features=matrix,
        label=label.astype(object),
        confidence=np.ones(len(words)),
        groups=names,
        voices=names,
        contents=np.array([frozenset({f"word:{word}"}) for word in words], dtype=object),
        documents=said,
    )
    return audit_case(material, Recipe(), share, tone, polarity, seed, few=False)


def show(title: str, cases: list[Case]) -> None:
    """A row for each audit."""
    for case in cases:
        found = case.found
        matched, lexical = found.split("matched"), found.split("lexical")
        figures = [each.auc.roc_auc if each is not None else None for each in (matched, lexical)]
        aucs = " | ".join("–" if value is None else f"{value:.2f}" for value in figures)
        kept = found.kept
        left = "–" if kept is None else f"{kept.value:.2f} ({kept.ci_low:.2f} to {kept.ci_high:.2f})"
        clips = lexical.auc.n if lexical is not None else 0
        said = f"{found.verdict.name} | {'yes' if case.right else '**NO**'}"
        print(f"| {title} | {clips} | {case.share:.2f} | {case.tone:.2f} | {aucs} | {left} | {said} |", flush=True)


def summary(cases: list[Case]) -> str:
    """How many verdicts were right, how many on the wrong side, with exact 95 % intervals."""
    from scipy.stats import beta

    def rate(count: int, total: int) -> str:
        low = float(beta.ppf(0.025, count, total - count + 1)) if count else 0.0
        high = float(beta.ppf(0.975, count + 1, total - count)) if count < total else 1.0
        return f"{count} of {total} ({low:.1%} to {high:.1%})"

    wrong = sum(each.found.verdict.name == (READS_WORDS if each.tone > 0.5 else HEARS_TONE) for each in cases)
    open_ = sum(each.found.verdict.name == CANNOT_TELL for each in cases)
    right = sum(each.right for each in cases)
    return (
        f"right {rate(right, len(cases))}; wrong side {rate(wrong, len(cases))}; cannot tell {rate(open_, len(cases))}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[6, 7, 8, 9, 10])
    parser.add_argument("--features", nargs="+", default=["turn", "whisper"])
    parser.add_argument(
        "--simulated", type=int, default=0, help="corpora of numbers for each mixture, in place of voices"
    )
    parser.add_argument("--size", type=int, nargs=3, default=[12, 80, 6], metavar=("VOICES", "WORDS", "REPEATS"))
    parser.add_argument("--folder", type=Path, help="keep corpora and features here")
    options = parser.parse_args()
    size, began = Size(*options.size), time.perf_counter()
    if options.simulated:
        for share in MIXTURES:
            print(
                f"{share:.2f}: {summary([simulated(share, seed, size) for seed in range(options.simulated)])}",
                flush=True,
            )
        return
    print(
        "| features, seed | clips | by tone | skill that is tone | known words | new words | kept | verdict | right |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    cases = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        for features in options.features:
            for seed in options.seeds:
                made = cases_of(features, seed, size, folder)
                show(f"{features}, {seed}", made)
                cases += made
    enough = [each for each in cases if not each.few]
    print(f"\nenough clips: {summary(enough)}\ntoo few: {summary([each for each in cases if each.few])}")
    print(f"{time.perf_counter() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
