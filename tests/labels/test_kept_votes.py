"""The file of kept votes, whatever state it is found in."""

from __future__ import annotations

from tonewise.labels.kept_votes import FILE, KeptVotes, holdings, key_of, prune, verify


def test_a_file_that_was_only_just_begun_is_a_cache(tmp_path):
    """Its maker was killed before there was a table, or is about to make it."""
    (tmp_path / FILE).touch()
    kept = KeptVotes(tmp_path)
    assert kept.get_many([key_of(1)]) == {}
    kept.put_many("toy", {key_of(1): 7})
    assert not kept.problems
    assert KeptVotes(tmp_path).get_many([key_of(1)]) == {key_of(1): 7}


def test_a_file_that_was_only_just_begun_can_be_looked_after(tmp_path):
    (tmp_path / FILE).touch()
    assert holdings(tmp_path).rows == {}
    assert verify(tmp_path) == {"whole": 0, "damaged": 0}
    assert prune(tmp_path) == 0
