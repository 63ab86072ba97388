"""The engine of this machine: every item has an outcome, whatever becomes of its worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import ClassVar

import pytest

from tonewise import engines
from tonewise.errors import MissingExtraError, OptionError, WeightsError


@dataclass(frozen=True)
class Square:
    """Squares numbers; some are hard on whoever meets them."""

    deadly: int = -1
    wrong: int = -1

    stage: ClassVar[str] = "squares"
    gpu: ClassVar[bool] = False

    def prepare(self):
        pass

    def __call__(self, item):
        if item == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)
        if item == self.wrong:
            raise ValueError("not a number that I like")
        return item * item


@dataclass(frozen=True)
class Unprepared(Square):
    def prepare(self):
        raise WeightsError("no weights here")


def values(outcomes):
    return {outcome.index: outcome.value for outcome in outcomes}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_item_has_an_outcome_and_progress_ends(jobs):
    told = []
    engine = engines.create("local", jobs=jobs)
    found = values(engine.map(Square(), range(7), progress=lambda *what: told.append(what)))
    assert found == {index: index * index for index in range(7)}
    assert told[0] == ("squares", 0, 7) and told[-1] == ("squares", 7, 7)
    assert values(engine.map(Square(), [])) == {}
    engine.close()


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_is_the_problem_of_one_item(jobs):
    outcomes = {one.index: one for one in engines.create("local", jobs=jobs).map(Square(wrong=2), range(4))}
    assert outcomes[2].value is None
    assert (outcomes[2].problem.kind, outcomes[2].problem.subject) == ("failed", "2")
    assert outcomes[2].problem.detail == "ValueError: not a number that I like"
    assert all(outcomes[index].problem is None for index in (0, 1, 3))


def test_a_worker_that_dies_takes_one_item_with_it():
    outcomes = {one.index: one for one in engines.create("local", jobs=2).map(Square(deadly=3), range(8))}
    assert outcomes[3].problem.kind == "crashed"
    assert {index: one.value for index, one in outcomes.items() if one.problem is None} == {
        index: index * index for index in range(8) if index != 3
    }


def test_what_cannot_be_prepared_here_stops_the_work():
    with pytest.raises(WeightsError, match="no weights"):
        list(engines.create("local").map(Unprepared(), [1]))


def test_closing_half_way_leaves_no_process():
    outcomes = engines.create("local", jobs=2).map(Square(), range(40))
    next(outcomes)
    outcomes.close()
    assert not _children(os.getpid())


def test_workers_go_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path.insert(0, {os.path.dirname(__file__)!r})\n"  # noqa: PTH120
        "from test_local_engine import Slow\n"
        "from tonewise import engines\n"
        "if __name__ == '__main__':\n"
        "    for outcome in engines.create('local', jobs=2).map(Slow(), range(100)):\n"
        "        print(outcome.value, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as parent:
        workers = {int(parent.stdout.readline()) for _ in range(4)}
        parent.kill()
    for _ in range(100):
        if not any(_is_alive(worker) for worker in workers):
            break
        time.sleep(0.05)
    assert not [worker for worker in workers if _is_alive(worker)]


@dataclass(frozen=True)
class Slow(Square):
    def __call__(self, item):
        time.sleep(0.1)
        return os.getpid()


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"tonewise\[ray\]"):
        list(engines.create("ray").map(Square(), [1]))


def test_names_and_impossible_choices():
    assert engines.names() == ("local", "ray")
    for wrong, message in (
        ({"name": "spark"}, "unknown engine 'spark'; choose local or ray"),
        ({"jobs": 0}, "--jobs 0 is impossible"),
        ({"address": "127.0.0.1:6379"}, "add --engine ray"),
    ):
        with pytest.raises(OptionError, match=message):
            engines.create(**wrong)


def _children(parent):
    found = subprocess.run(["ps", "--ppid", str(parent), "-o", "args="], capture_output=True, text=True, check=False)
    return [line for line in found.stdout.splitlines() if "spawn_main" in line]


def _is_alive(process):
    try:
        with open(f"/proc/{process}/stat") as stream:  # noqa: PTH123
            return stream.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
