"""What is given up warns once, with the version of its removal, and works on."""

from __future__ import annotations

import warnings

import pytest

from tonewise.deprecation import deprecated


def test_the_first_call_warns_where_it_is_called_and_every_call_works():
    @deprecated(since="0.4", removed_in="0.6", instead="use train")
    def learn(corpus: str, *, seed: int = 0) -> tuple[str, int]:
        """Learn."""
        return corpus, seed

    with pytest.warns(
        FutureWarning, match=r"learn is deprecated since tonewise 0\.4 and goes in 0\.6: use train"
    ) as told:
        assert learn("a", seed=2) == ("a", 2)
    assert told[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert learn("b") == ("b", 0)
    assert (learn.__name__, learn.__doc__) == ("learn", "Learn.")


@pytest.mark.parametrize(("since", "removed_in"), [("0.4.1", "0.4.9"), ("1.0", "0.9"), ("2", "3"), ("a.b", "1.0")])
def test_removal_comes_a_minor_version_later_at_least(since, removed_in):
    with pytest.raises(ValueError, match=r"expected|not enough values|invalid literal"):
        deprecated(since=since, removed_in=removed_in, instead="")
