"""Tone or words? What an audit found, and the rule by which it is said in one line.

The rule looks at new voices only. A recipe is trained and tested twice on the very same clips by as many utterances: once
by other voices that say the same words (skill = AUC above chance), once by other voices and other words. What is left of the
skill cannot come from known words; what is lost does. The share that is left is estimated with a 95 % interval over voices
and words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tonewise.evaluation.audit_intervals import CHANCE, Estimate
from tonewise.records import Interval

Name = Literal["hears tone", "reads words", "cannot tell"]

HEARS_TONE: Name = "hears tone"
READS_WORDS: Name = "reads words"
CANNOT_TELL: Name = "cannot tell"

#: The share of the skill on new voices that is left on new words. Tone must have more than a half for sure (its 95 %
#: interval lies above), since that is the claim people want to make; for words an estimate below it will do, as long as the
#: interval leaves out that three quarters or more are tone.
HALF = 0.5
MOSTLY_TONE = 0.75

#: Fewer voices, different words or sentences, or clips than these allow no verdict, whatever the intervals say: two-way
#: clustered intervals are too narrow for fewer.
MIN_SPEAKERS = 5
MIN_CONTENTS = 10
MIN_CLIPS = 100

RULE = (
    "A recipe hears tone if more than half of its skill on new voices (AUC above chance) is left when the words are new, "
    "too, by the whole of a 95 % interval over voices and words, and the sound ranks better than text alone, or the length "
    "of the clips alone, wherever these still rank above chance; it reads words if the estimate is less than half and the "
    "interval lies below three quarters. Anything else cannot be told, nor can it without skill on new voices or with fewer "
    f"than {MIN_SPEAKERS} voices, {MIN_CONTENTS} different words or sentences or {MIN_CLIPS} clips."
)


@dataclass(frozen=True, slots=True)
class SplitFigures:
    """How the recipe does under one split, out of fold; pairs are ranked within what one model was tested on.

    Attributes:
        name: random, speaker, matched (speaker, by as many training utterances as `lexical`, on the same clips) or lexical.
        auc: of the sound.
        text: of the words alone, trained and tested on the same clips; None where there is nothing to read.
        trained: mean number of utterances that a fold was trained on.
        contents: different words or sentences among the clips tested.
        length: of the length of the clip alone; None where it is unknown.
    """

    name: str
    auc: Interval
    text: Interval | None
    trained: int
    contents: int
    length: Interval | None = None


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """The same models on clips whose words were removed.

    Attributes:
        name: low-pass or hum.
        auc: of the altered clips, spoken by voices that were not trained on.
        untouched: of the same clips as they were recorded.
    """

    name: str
    auc: Interval
    untouched: Interval


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one line: `name` by the rule, and why, as a clause."""

    name: Name
    why: str


@dataclass(frozen=True, slots=True)
class AuditFindings:
    """What an audit found, judged by one kind of labels.

    Attributes:
        truth: whose labels were judged by, such as "the model's own labels (lexicon)" or "gold column mood".
        held_out: what `lexical` holds out: sentences or words; empty where nothing is known of what was said.
        splits: figures of each split that was possible, in the order random, speaker, matched, lexical.
        fall: AUC of `matched` less that of `lexical`, paired.
        kept: share of the skill of `matched` that is left in `lexical`.
        above_text, above_length: AUC of `lexical` less that of the text, and of the clip's length, alone, paired.
        repeated: AUC of pairs that say the same with different labels, by voices not trained on; None where there are none.
        text_share: out-of-fold R² of the sound's score predicted from text alone; None where there is nothing to read.
        sounds: clips without words; empty = not measured.
        verdict: by `RULE`.
        missing: why a split was not possible, by its name.
        rule: by which the verdict was found.
    """

    truth: str
    held_out: str
    splits: tuple[SplitFigures, ...]
    fall: Estimate | None
    kept: Estimate | None
    above_text: Estimate | None
    above_length: Estimate | None
    repeated: Interval | None
    text_share: Estimate | None
    sounds: tuple[SoundFigures, ...]
    verdict: Verdict
    missing: dict[str, str]
    rule: str = RULE

    def split(self, name: str) -> SplitFigures | None:
        """Figures of a split, None where it was not possible."""
        return next((each for each in self.splits if each.name == name), None)


def decide(
    matched: SplitFigures | None,
    lexical: SplitFigures | None,
    kept: Estimate | None,
    above_text: Estimate | None,
    above_length: Estimate | None = None,
    *,
    missing: str = "",
) -> Verdict:
    """The verdict by `RULE`; `missing` says why there are no figures under held-out words."""
    if matched is None or lexical is None:
        return Verdict(CANNOT_TELL, missing or "words could not be held out")
    why = _too_few(lexical) or _no_skill(matched, kept)
    if why or kept is None or kept.value is None or kept.ci_low is None or kept.ci_high is None:
        return Verdict(CANNOT_TELL, why)
    if kept.value < HALF and kept.ci_high < MOSTLY_TONE:
        return Verdict(READS_WORDS, "less than half of its skill on new voices is left when the words are new, too")
    if kept.ci_low <= HALF:
        return Verdict(CANNOT_TELL, "how much of its skill is left when the words are new is not certain enough")
    other = _other(lexical, above_text, above_length)
    if other:
        return Verdict(
            CANNOT_TELL, f"{other} alone ranks clips of new words, too, and the sound is not shown to do better"
        )
    return Verdict(HEARS_TONE, "more than half of its skill on new voices is left when the words are new, too")


def _too_few(lexical: SplitFigures) -> str:
    counts = (
        (lexical.auc.groups, MIN_SPEAKERS, f"{lexical.auc.grouped_by}s"),
        (lexical.contents, MIN_CONTENTS, "different words or sentences"),
        (lexical.auc.n, MIN_CLIPS, "clips"),
    )
    few = [f"{count} {what} ({least} are needed)" for count, least, what in counts if count < least]
    return f"too few: {', '.join(few)}" if few else ""


def _no_skill(matched: SplitFigures, kept: Estimate | None) -> str:
    if matched.auc.roc_auc is None:
        return "only one class could be tested on new voices"
    low = matched.auc.ci_low
    skilled = kept is not None and low is not None and low > CHANCE
    return "" if skilled else "on new voices it is not shown to be better than chance, even where it knows the words"


def _other(lexical: SplitFigures, above_text: Estimate | None, above_length: Estimate | None) -> str:
    """What else than tone may be all that was heard; empty = nothing."""
    if _explains(lexical.text, above_text):
        return "text"
    return "the length of the clips" if _explains(lexical.length, above_length) else ""


def _explains(other: Interval | None, above: Estimate | None) -> bool:
    """Whether something else than tone, words that could not be held out or the clips' length, may be all that was heard."""
    if other is None or other.ci_low is None or other.ci_low <= CHANCE:
        return False
    return above is None or above.ci_low is None or above.ci_low <= 0
