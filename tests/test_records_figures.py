"""Figures tell themselves to people."""

from __future__ import annotations

from tonewise.records import Interval


def test_an_interval_reads_as_people_write_it():
    assert str(Interval(0.8612, 0.774, 0.9249, 100)) == "0.86 (0.77–0.92)"
    assert str(Interval(None, None, None, 0)) == "undefined"
