"""`tonewise cache`: what is kept is told, checked and pruned, and never a result is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tonewise.cli import main


@pytest.fixture(scope="module")
def filled(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with features and votes."""
    folder = tmp_path_factory.mktemp("filled")
    options = ["--labels", "lexicon", "--features", "melstats", "--no-audit", "--cache", str(folder / "c")]
    done = CliRunner().invoke(main, ["train", str(corpus), "-o", str(folder / "m"), *options])
    assert done.exit_code == 0, done.output
    return folder / "c"


@pytest.fixture
def cache(filled: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    import shutil

    return shutil.copytree(filled, tmp_path / "c")


def cache_command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["cache", *map(str, arguments)])


def told(*arguments: object) -> dict:
    done = cache_command(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_info_tells_by_encoder_and_labeller(cache):
    info = told("info", "--cache", cache)
    entries = {(each["kind"], each["name"]): each["entries"] for each in info["holdings"]}
    assert entries["features", "melstats"] > 50 and entries["votes", "lexicon"] == 8
    assert info["limit_is_default"] and info["limit"] > 10**6 and info["bytes"] > 50 * 4096 and info["oldest"]
    screen = cache_command("info", "--cache", cache).output
    assert "features melstats" in screen and "(default)" in screen


def test_an_empty_cache_has_nothing(tmp_path):
    info = told("info", "--cache", tmp_path / "absent")
    assert info["holdings"] == [] and info["bytes"] == 0 and info["oldest"] is None
    assert not (tmp_path / "absent").exists()


def test_verify_removes_what_is_damaged(cache):
    entry = next(cache.glob("?/?/*.npy"))
    content = bytearray(entry.read_bytes())
    content[200] ^= 16
    entry.write_bytes(content)
    found = told("verify", "--cache", cache)
    assert found["features"]["damaged"] == 1 and found["features"]["unverified"] == 0 and found["votes"]["whole"] > 0
    assert "damaged" in cache_command("verify", "--cache", cache).output
    assert told("verify", "--cache", cache)["features"]["damaged"] == 0


def test_prune_to_a_size_and_all(cache):
    found = told("prune", "--cache", cache, "--max-size", "200kB")
    assert found["removed"]["features"] > 0 and 0 < found["left"] <= 200_000
    assert told("prune", "--cache", cache, "--older-than", "1h")["removed"]["features"] == 0
    found = told("prune", "--cache", cache, "--all")
    assert found["removed"]["votes"] == 8 + 3  # the languages of three parts
    assert not any(each["entries"] for each in told("info", "--cache", cache)["holdings"])


def test_a_limit_is_kept_from_then_on(cache):
    assert told("limit", "100kB", "--cache", cache)["left"] <= 130_000
    info = told("info", "--cache", cache)
    assert info["limit"] == 100_000 and not info["limit_is_default"]
    told("limit", "none", "--cache", cache)
    assert told("info", "--cache", cache)["limit"] is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["prune"], "one of --max-size, --older-than or --all"),
        (["prune", "--all", "--max-size", "1GB"], "one of --max-size"),
        (["prune", "--max-size", "much"], "'much' is no size"),
        (["prune", "--max-size", "10iB"], "is no size"),
        (["prune", "--older-than", "30"], "'30' is no age"),
        (["limit", "-5GB"], ""),
        (["limit", "5XB"], "'5XB' is no size"),
    ],
)
def test_wrong_options_are_one_clear_line(tmp_path, arguments, says):
    done = cache_command(*arguments, "--cache", tmp_path)
    assert done.exit_code == 2 and says in done.output and "Traceback" not in done.output


def test_a_cache_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "f").write_text("a file")
    done = CliRunner().invoke(main, ["cache", "limit", "1GB", "--cache", str(tmp_path / "f" / "c")])
    assert done.exit_code == 2 and "cannot be written" in done.output


def test_damaged_votes_are_told_and_mended(cache):
    (cache / "votes" / "votes.sqlite").write_bytes(b"rubbish" * 1000)
    done = cache_command("info", "--cache", cache)
    assert done.exit_code == 2 and "tonewise cache verify" in done.output
    assert told("verify", "--cache", cache)["votes"]["damaged"] == 1
    told("info", "--cache", cache)
