"""The utterance table, built from columns or from rows."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tonewise.records import UTTERANCE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

#: float64 seconds, NaN where missing; the other columns are objects, None where missing.
TIME_COLUMNS = ("start", "end")


def utterance_table(known: Mapping[str, Sequence[Any]], user: pd.DataFrame | None = None) -> pd.DataFrame:
    """The table with `UTTERANCE_COLUMNS` from `known` (a column that is not there is missing), then those of `user`.

    All columns have the same length; the index is 0..n-1.
    """
    import numpy as np
    import pandas as pd

    length = len(next(iter(known.values()), ()))
    columns: dict[str, pd.Series] = {}
    for name in UTTERANCE_COLUMNS:
        values = known.get(name)
        if name in TIME_COLUMNS:
            times = np.full(length, np.nan) if values is None else np.asarray(values, dtype=np.float64)
            columns[name] = pd.Series(times)
        else:
            objects = np.empty(length, dtype=object)
            if values is not None:
                objects[:] = list(values)
            columns[name] = pd.Series(objects, dtype=object)
    table = pd.DataFrame(columns)
    return table if user is None else pd.concat([table, user.reset_index(drop=True)], axis=1)


def table_of_rows(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """The table of rows: keys of `UTTERANCE_COLUMNS`, then the user's as they first come up; a row may lack any."""
    import pandas as pd

    known = {
        name: [row.get(name, math.nan if name in TIME_COLUMNS else None) for row in rows] for name in UTTERANCE_COLUMNS
    }
    names = [name for name in dict.fromkeys(itertools.chain.from_iterable(rows)) if name not in UTTERANCE_COLUMNS]
    return utterance_table(known, pd.DataFrame({name: [row.get(name) for row in rows] for name in names}))
