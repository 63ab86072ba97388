"""Whose voice is heard in an utterance, as far as anybody can tell: what a speaker's own baseline is taken from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def voices(utterances: pd.DataFrame) -> pd.Series:
    """One name a row: the speaker where known, else the recording with its channel.

    A channel of a call is one person nearly always; a recording of several unknown voices is one voice here, for want of
    anything better, and its baseline is that of all of them.
    """
    import pandas as pd

    columns = (utterances[name] for name in ("speaker", "recording", "channel"))
    names = [
        f"recording:{recording}/{'' if pd.isna(channel) else int(channel)}"
        if pd.isna(speaker)
        else f"speaker:{speaker}"
        for speaker, recording, channel in zip(*columns, strict=True)
    ]
    return pd.Series(names, index=utterances.index, dtype=object)
