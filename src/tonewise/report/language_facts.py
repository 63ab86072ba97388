"""What may be said of languages: one plain sentence each, and no more than the number of utterances allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tonewise.records import Interval
from tonewise.report import wording

ALPHA = 0.05  # two-sided; what is rarer by chance counts as shown
COUNTED_PAIRS = 1000  # with more, shares are easier to read than numbers of pairs

SCALES: Mapping[str, str] = {
    "tone": "the model's own score, 0 (negative) to 1 (positive): the probability of a positive label as it was trained, "
    "not calibrated",
    "tone_minmax": "the tone, min–max scaled over all utterances here: 0 is the lowest, 1 the highest, as in the "
    "founding article's figure",
    "tone_minmax_within": "the tone, min–max scaled within its language (or group): of two utterances one is always 0 and "
    "the other 1, however close they are",
    "tone_percentile": "the share of the tones of voices held out in training that are lower; null where the model does not "
    "keep them",
}
SCALE_NAMES = {
    "tone": "Tone",
    "tone_minmax": "Min–max",
    "tone_minmax_within": "Min–max within",
    "tone_percentile": "Percentile",
}
READING = (
    "The AUC is the share of pairs of a positive and a negative utterance of one language in which the positive one has the "
    "higher tone: 0.5 is guessing.",
    "Its 95 % interval is about further utterances by the same voices. It inverts the exact test under Lehmann's model; the "
    "one without a model holds whatever the scores are like. The interval over speakers is about other voices.",
    "The p-value is the share of all ways to deal out the labels that rank positive above negative as clearly: exact where "
    "they can be counted. A speaker who was heard in both tones is compared with themselves; one who was heard in one tone "
    "counts as one.",
    "Holm's adjustment keeps the chance of any false finding among the languages under 5 %.",
)
LIMITS = (
    "Eight utterances, 4 positive and 4 negative, are the fewest that can show anything about one language by itself: of 3 "
    "and 3 even a perfect order has a two-sided p of 0.10.",
    "p-values hold only if it was settled which utterances are positive, and which are used, before their tone was known.",
    "Who reads or acts a sentence knows how it is meant: tone in spontaneous speech may be harder to hear.",
    "Min–max scaling shows an order and no distance: the smallest difference fills the axis.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found in one language (or in all together).

    Attributes:
        name: of the language.
        interval: AUC and its exact interval, of utterances.
        voices: the AUC with its interval over speakers.
        assumption_free: its interval without a model.
        p_greater, p_two_sided, p_smallest, exact: see `tonewise.evaluation.ranking.Ranking`.
        strata: languages that were ranked: 1, or in all together how many.
        p_holm: two-sided, adjusted for the number of languages; None in all together.
        positive_scores, negative_scores: tones.
    """

    name: str
    interval: Interval
    voices: Interval
    assumption_free: tuple[float, float] | None = None
    p_greater: float | None = None
    p_two_sided: float | None = None
    p_smallest: float | None = None
    exact: bool | None = None
    strata: int = 0
    p_holm: float | None = None
    positive_scores: tuple[float, ...] = field(default=(), repr=False)
    negative_scores: tuple[float, ...] = field(default=(), repr=False)

    @property
    def positives(self) -> int:
        """How many utterances are positive."""
        return self.interval.positives

    @property
    def negatives(self) -> int:
        """How many utterances are negative."""
        return self.interval.n - self.interval.positives


def p_value(p: float | None) -> str:
    """A p-value as people write it: "0.30", "0.063", "<0.001", or "–" where there is none."""
    if p is None:
        return "–"
    if p < 0.001:
        return "<0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def odds(p: float) -> str:
    """A probability as a number of times: "half the time", "1 time in 16"."""
    if p > 0.99:
        return "always"
    if abs(p - 0.5) < 0.01:
        return "half the time"
    if p > 0.5:
        return f"about {round(p * 10)} times in 10"
    about = "" if abs(1 / p - round(1 / p)) < 0.01 else "about "
    return f"{about}1 time in {wording.count(round(1 / p))}"


def conclusion(found: Finding, languages: int) -> str:
    """What one of `languages` languages shows, and what it does not."""
    interval = found.interval
    if interval.roc_auc is None:
        return f"Nothing to rank: {wording.undefined_reason(interval)}."
    seen = f"{found.positives} positive against {found.negatives} negative: {_order(found)}"
    if _hopeless(found):
        return f"{seen}. {_by_chance(found)}: nothing can be concluded from so few."
    p = f"p {_equals(found.p_two_sided)}"
    if _rare(found.p_two_sided) and languages > 1:
        p += f", {p_value(found.p_holm)} adjusted for {languages} tests"
    if not _rare(found.p_holm):
        return f"{seen}. That is not shown to differ from chance ({p}). {_open(found)}"
    return f"{seen}, {_against_chance(found)} ({p}). {_beyond(found)}"


def overall_conclusion(findings: Sequence[Finding], overall: Finding, noun: str = "language") -> str:
    """What all languages show together."""
    if overall.interval.roc_auc is None:
        return f"No {noun} has both positive and negative utterances: nothing can be ranked."
    ranked = [each for each in findings if each.interval.roc_auc is not None]
    ahead = sum((each.interval.roc_auc or 0.0) > wording.CHANCE for each in ranked)
    seen = f"In {ahead} of {wording.plural(len(ranked), noun)} positive ranks above negative"
    p = f"p {_equals(overall.p_two_sided)}; one-sided {p_value(overall.p_greater)}"
    if _hopeless(overall):
        return f"{seen} ({p}). {_by_chance(overall, noun)}: nothing can be concluded from so few. {_beyond(overall)}"
    if not _rare(overall.p_two_sided):
        return f"{seen}; together that is not shown to differ from chance ({p}). {_open(overall)}"
    alone = sum(_rare(each.p_holm) for each in ranked)
    by_itself = f" By itself it is shown in {alone} of them." if len(ranked) > 1 else ""
    share = f"together the positive one scores higher in {wording.percent(overall.interval.roc_auc)} of pairs"
    return f"{seen}; {share}, {_against_chance(overall)} ({p}).{by_itself} {_beyond(overall)}"


def state(found: Finding, p: float | None) -> wording.Conclusion:
    """What a finding with this p-value allows to be said, as `wording.conclusion` names it."""
    if found.interval.roc_auc is None:
        return "undefined"
    if not _rare(p) or _few_voices(found) or _chance_left(found):
        return "unclear"
    return "better" if _greater(found) else "worse"


def _rare(p: float | None) -> bool:
    return p is not None and p <= ALPHA


def _hopeless(found: Finding) -> bool:
    """Whether not even the best order would be shown to differ from chance."""
    return found.p_smallest is not None and 2 * found.p_smallest > ALPHA


def _greater(found: Finding) -> bool:
    """Whether positive ranks above negative, against what chance does with these speakers."""
    return found.p_greater is not None and found.p_greater < 0.5


def _equals(p: float | None) -> str:
    text = p_value(p)
    return text.replace("<", "<\N{NO-BREAK SPACE}") if "<" in text else f"= {text}"


def _order(found: Finding) -> str:
    auc = found.interval.roc_auc or 0.0
    pairs = found.positives * found.negatives
    if pairs == 1:
        return f"the positive one scores {'higher' if auc > 0.5 else 'lower' if auc < 0.5 else 'the same'}"
    if pairs > COUNTED_PAIRS:
        return f"the positive one scores higher in {wording.percent(auc)} of pairs"
    return f"the positive one scores higher in {round(2 * auc * pairs) / 2:g} of {pairs} pairs"


def _by_chance(found: Finding, noun: str = "") -> str:
    from math import comb

    p = found.p_smallest or 0.0
    everywhere = f" in every {noun}" if noun and found.strata > 1 else ""
    perfect = f"a perfect order{everywhere}"
    # Of one language the number of orders is known; where the best one is less rare than that, ties or voices are why.
    if found.strata == 1 and p * comb(found.interval.n, found.positives) > 1.01:
        perfect = "the best order that such speakers and ties allow"
    return f"Even {perfect} comes about by chance {odds(p)}"


def _against_chance(found: Finding) -> str:
    return "more than chance would do" if _greater(found) else "less than chance would do: the wrong way round"


def _open(found: Finding) -> str:
    low, high = (wording.number(bound) for bound in (found.interval.ci_low, found.interval.ci_high))
    return f"Of further utterances by the same voices it may be anything from {low} to {high}."


def _beyond(found: Finding) -> str:
    """What follows for voices that were not heard."""
    voices = found.voices
    if _few_voices(found):
        return (
            f"All this is about {wording.plural(voices.groups, voices.grouped_by)}: nothing follows for other voices."
        )
    bounds = f"95 % interval {wording.interval_range(voices)}"
    if _chance_left(found):
        return f"For other voices it is not shown ({bounds})."
    return f"For other voices: {bounds}."


def _few_voices(found: Finding) -> bool:
    return found.voices.groups < wording.FEW_GROUPS


def _chance_left(found: Finding) -> bool:
    """Whether guessing is among what other voices may turn out to be."""
    low, high = found.voices.ci_low, found.voices.ci_high
    return low is None or high is None or low <= wording.CHANCE <= high
