"""Ray: the same rows as on this machine, also when a machine of the cluster is lost, or the driver is killed."""

from __future__ import annotations

import contextlib
import filecmp
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pandas as pd
import pytest
from click.testing import CliRunner

from tonewise import engines, pipeline
from tonewise.cli import main
from tonewise.engines import EngineError
from tonewise.pipeline.spreading_hearing import HearTask
from tonewise.pipeline.spreading_table import feature_table

pytestmark = pytest.mark.slow

QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
MEMORY = 120 * 2**20  # bytes of shared memory a node
FEATURES = "melstats"
WAIT = 90.0  # seconds that anything may take on a busy machine


@pytest.fixture(scope="module", autouse=True)
def ray_is_here():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pytest.importorskip("ray.data", reason="Ray is not installed: pip install 'tonewise[ray]'")


@pytest.fixture(scope="module")
def recordings(corpus, tmp_path_factory):
    """Forty recordings, of which one is none: as many shards."""
    folder = tmp_path_factory.mktemp("ray")
    table = pd.read_csv(corpus)
    copies = []
    for copy in range(5):
        copies.append(table.assign(audio=[f"{copy}-{name}" for name in table["audio"]]))
        for name in table["audio"].unique():
            (folder / f"{copy}-{name}").write_bytes((corpus.parent / name).read_bytes())
    (folder / "0-speaker7.wav").write_text("no sound")
    pd.concat(copies).to_csv(folder / "corpus.csv", index=False)
    return folder / "corpus.csv"


@pytest.fixture(scope="module")
def expected(recordings, tmp_path_factory):
    """What this machine makes of them."""
    output = tmp_path_factory.mktemp("expected") / "f.parquet"
    made = feature_table(recordings, output, features=[FEATURES], cache=False)
    assert made.heard == 480 - 12
    return output.read_bytes()


@pytest.fixture(scope="module")
def cluster():
    """Two machines of one processor each, the head and one to lose; all of them here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        before = dict(os.environ)
        os.environ.update(QUIET)
        node = {"object_store_memory": MEMORY, "include_dashboard": False}
        made = None
        for _ in range(3):  # Ray gives a node 30 s to start, which a busy machine may not
            with contextlib.suppress(Exception):
                made = made or Cluster(initialize_head=True, head_node_args={**node, "num_cpus": 1, "num_gpus": 1})
                made.add_node(**node, num_cpus=1)
                break
        yield made
        made.shutdown()
        os.environ.clear()
        os.environ.update(before)


def start(corpus, output, *more):
    command = [sys.executable, "-m", "tonewise", "features", corpus, "-o", output, "--features", FEATURES, "--no-cache"]
    arguments = [str(word) for word in (*command, "--engine", "ray", "--json", *more)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_parts(output: Path, count: int, process: subprocess.Popen) -> None:
    folder = output.with_name(f"{output.name}.parts")
    limit = time.monotonic() + WAIT
    while len(list(folder.glob("*.parquet"))) < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit, "no parts were written"
        time.sleep(0.02)


@dataclass(frozen=True)
class Where:
    """Tells who does the work: whether it is an actor, and which GPUs it has."""

    stage: ClassVar[str] = "where"
    gpu: ClassVar[bool] = True

    def prepare(self):
        pass

    def __call__(self, item):
        import ray

        return ray.get_runtime_context().get_actor_id() is not None, ray.get_gpu_ids()


def test_work_that_wants_a_gpu_gets_an_actor_that_has_one(cluster):
    import ray

    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers have no folder of tests
    with closing(engines.create("ray", address=cluster.address)) as engine:
        assert [outcome.value for outcome in engine.map(Where(), range(3))] == [(True, [0])] * 3


def test_a_lost_machine_changes_nothing(recordings, expected, cluster, tmp_path):
    output = tmp_path / "f.parquet"
    process = start(recordings, output, "--address", cluster.address)
    wait_for_parts(output, 4, process)
    (worker,) = cluster.worker_nodes
    for raylet in worker.all_processes["raylet"]:
        os.kill(raylet.process.pid, signal.SIGKILL)
    left = len(list(output.with_name("f.parquet.parts").glob("*.parquet")))
    out, err = process.communicate(timeout=WAIT)
    assert process.returncode == 0, err
    told = json.loads(out)
    assert left < told["shards"] == 40  # it was lost in the middle
    assert output.read_bytes() == expected
    assert [(one["kind"], one["subject"], one["count"]) for one in told["problems"]] == [
        ("bad_audio", "0-speaker7.wav", 12)
    ]


def test_a_killed_driver_is_resumed_and_leaves_nothing(recordings, expected, tmp_path):
    output = tmp_path / "f.parquet"
    process = start(recordings, output, "--jobs", "2")
    wait_for_parts(output, 3, process)
    process.kill()
    process.communicate()
    assert _left_of(process.pid) == 0
    made = feature_table(recordings, output, features=[FEATURES], cache=False)  # by whichever engine
    assert made.resumed >= 3
    assert output.read_bytes() == expected


def test_labels_models_and_scores_are_the_same(corpus, tmp_path):
    options = {"features": "melstats", "labels": "lexicon", "audit": False, "cache": False}
    before = len(_of_driver(os.getpid()))
    sounds = [corpus.parent / "speaker0.wav", corpus.parent / "absent.wav"]
    pipeline.train(corpus, tmp_path / "local", **options)
    with closing(engines.create("ray", jobs=2)) as engine:
        pipeline.train(corpus, tmp_path / "ray", engine=engine, **options)
        labelled = pipeline.label(corpus, cache=False, engine=engine)
        scored = pipeline.score_many(tmp_path / "ray", sounds, cache=False, engine=engine)
    assert _left_of(os.getpid(), before) <= before
    names = sorted(path.name for path in (tmp_path / "local").iterdir())
    assert filecmp.cmpfiles(tmp_path / "local", tmp_path / "ray", names, shallow=False)[0] == names
    pd.testing.assert_frame_equal(labelled.columns, pipeline.label(corpus, cache=False).columns)
    assert scored == pipeline.score_many(tmp_path / "local", sounds, cache=False)


def test_no_cluster_is_one_line():
    with pytest.raises(EngineError, match=r"no Ray cluster at 127.0.0.1:1 .*ray start --head"):
        list(engines.create("ray", address="127.0.0.1:1").map(HearTask(("melstats",)), [1]))


@pytest.mark.parametrize("kind", [Exception, RuntimeError])
def test_a_node_that_does_not_start_is_one_line(corpus, tmp_path, monkeypatch, kind):
    def slow(**_):
        raise kind("The current node timed out during startup.\nThis could happen because …")

    monkeypatch.setattr("ray.init", slow)
    arguments = f"features {corpus} -o {tmp_path}/f.parquet --features {FEATURES} --no-cache --engine ray"
    result = CliRunner().invoke(main, arguments.split())
    assert result.exit_code == 2 and isinstance(result.exception, SystemExit)
    told = " ".join(result.stderr.split())
    assert "Ray cannot start on this machine (The current node timed out during startup.); try again" in told


def test_a_fault_of_ours_is_not_taken_for_it(monkeypatch):
    def wrong(**_):
        raise TypeError("init() got an unexpected keyword")

    monkeypatch.setattr("ray.init", wrong)
    with pytest.raises(TypeError):
        list(engines.create("ray").map(HearTask(("melstats",)), [1]))


def _of_driver(driver: int) -> list[str]:
    """Processes of Ray that work for a driver, by their session's name, which ends in the driver's number."""
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in found if "/ray/session_" in line and f"_{driver}/" in line]


def _left_of(driver: int, allowed: int = 0) -> int:
    """How many of them are left when they have had time to end."""
    limit = time.monotonic() + WAIT
    while len(_of_driver(driver)) > allowed and time.monotonic() < limit:
        time.sleep(0.1)
    return len(_of_driver(driver))
