"""Models to the hub and back, against a stand-in that speaks the requests of `huggingface_hub`."""

from __future__ import annotations

import json
import logging
import re
import shutil

import hub_stand_in
import numpy as np
import pytest
from click.testing import CliRunner
from huggingface_hub import constants

import small_model
from tonewise import bundle
from tonewise.cli import main
from tonewise.errors import BundleError, OptionError
from tonewise.pipeline import publishing

# The hub's library streams files in a way that its HTTP library is to give up.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

NAMES = ("README.md", "classifier.onnx", "manifest.json")


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """The hub, with its token, and without the Xet protocol: that needs a server of its own kind."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
    monkeypatch.setenv("HF_TOKEN", hub_stand_in.TOKEN)
    with hub_stand_in.running_hub() as found:
        # As HF_ENDPOINT does, which the library reads when it is imported.
        monkeypatch.setattr(constants, "ENDPOINT", found.url)
        template = f"{found.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield found


@pytest.fixture
def model(tmp_path):
    return small_model.save_model(tmp_path / "model")


def files_of(folder, names=NAMES):
    return {name: (folder / name).read_bytes() for name in names}


def with_baseline(folder):
    return bundle.save(
        folder,
        manifest=small_model.manifest(baseline={"kind": "speaker", "shrinkage": 40.0}),
        classifier=small_model.classifier(),
        card="# Card\n",
        baseline=np.ones((2, 3)),
    )


def run(*arguments, expect=0):
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == expect, f"{result.stdout}\n{result.stderr}\n{result.exception}"
    return result


# -- there and back ------------------------------------------------------------------------------------------------------


def test_there_and_back(hub, model, tmp_path):
    (model / "private-notes.txt").write_text("not of the model")
    pushed = publishing.push(model, "hf://anna/calls")
    there = hub.repositories["anna/calls"]
    assert there.private and pushed.commit == there.branches["main"][-1]
    assert set(there.commits[pushed.commit]) == {".gitattributes", *NAMES}
    assert list(hub.large.values()) == [(model / "classifier.onnx").read_bytes()]  # binary files went by LFS
    pulled = publishing.pull("hf://anna/calls", tmp_path / "back")
    assert files_of(tmp_path / "back") == files_of(model) and pulled.commit == pushed.commit
    assert bundle.load(tmp_path / "back").origin == {"address": "hf://anna/calls", "commit": pushed.commit}
    assert sorted(hub.served) == sorted(NAMES)  # nothing else was even asked for


def test_what_was_pulled_is_pushed_without_where_it_came_from(hub, model, tmp_path):
    publishing.push(model, "hf://anna/calls")
    publishing.pull("hf://anna/calls", tmp_path / "back")
    again = publishing.push(tmp_path / "back", "hf://bert/calls", public=True)
    assert "origin.json" not in hub.repositories["bert/calls"].commits[again.commit]
    assert not hub.repositories["bert/calls"].private


def test_a_revision_stays_what_it_was(hub, model, tmp_path):
    first = publishing.push(model, "hf://anna/calls").commit
    small_model.save_model(model, note="Better beeps.")
    second = publishing.push(model, "hf://anna/calls").commit
    assert first != second
    publishing.pull(f"hf://anna/calls@{first}", tmp_path / "old")
    publishing.pull("hf://anna/calls", tmp_path / "new")
    notes = [bundle.load(tmp_path / name).manifest["note"] for name in ("old", "new")]
    assert notes == ["Beeps.", "Better beeps."]


def test_a_branch_of_its_own(hub, model, tmp_path):
    publishing.push(model, "hf://anna/calls")
    small_model.save_model(model, note="A try.")
    publishing.push(model, "hf://anna/calls@trial")
    assert publishing.pull("hf://anna/calls@trial", tmp_path / "trial").commit
    assert bundle.load(tmp_path / "trial").manifest["note"] == "A try."
    publishing.pull("hf://anna/calls", tmp_path / "main")
    assert bundle.load(tmp_path / "main").manifest["note"] == "Beeps."


def test_the_same_again_makes_no_commit(hub, model):
    commits = {publishing.push(model, "hf://anna/calls").commit for _ in range(2)}
    assert len(commits) == 1 and hub.repositories["anna/calls"].branches["main"][-1] in commits


def test_a_baseline_of_an_older_model_does_not_stay(hub, model, tmp_path):
    publishing.push(with_baseline(tmp_path / "older"), "hf://anna/calls")
    assert publishing.pull("hf://anna/calls", tmp_path / "a") and (tmp_path / "a" / "baseline.npy").is_file()
    commit = publishing.push(model, "hf://anna/calls").commit
    assert "baseline.npy" not in hub.repositories["anna/calls"].commits[commit]


def test_a_zip_is_pushed_like_a_folder(hub, model, tmp_path):
    bundle.export(model, tmp_path / "m.zip")
    assert publishing.push(tmp_path / "m.zip", "hf://anna/calls").commit
    assert publishing.pull("hf://anna/calls", tmp_path / "back") and files_of(tmp_path / "back") == files_of(model)


def test_folders_and_zips_need_no_hub(model, tmp_path):
    assert publishing.push(model, str(tmp_path / "m.zip")).commit is None
    assert publishing.push(model, str(tmp_path / "copy")).commit is None
    publishing.pull(str(tmp_path / "m.zip"), tmp_path / "back")
    assert files_of(tmp_path / "back") == files_of(tmp_path / "copy") == files_of(model)


# -- what is refused -----------------------------------------------------------------------------------------------------


def test_what_is_damaged_is_neither_pushed_nor_put_in_place(hub, model, tmp_path):
    files = files_of(model)
    hub.create("eve/calls", {**files, "classifier.onnx": b"damaged"})
    small_model.save_model(tmp_path / "mine", note="Mine.")
    with pytest.raises(BundleError, match=r"hf://eve/calls/classifier\.onnx is damaged: its SHA-256"):
        publishing.pull("hf://eve/calls", tmp_path / "mine")
    assert bundle.load(tmp_path / "mine").manifest["note"] == "Mine."
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["mine", "model"]
    (model / "classifier.onnx").write_bytes(b"damaged")
    with pytest.raises(BundleError, match="is damaged"):
        publishing.push(model, "hf://anna/calls")
    assert "anna/calls" not in hub.repositories


def test_a_repository_without_a_model_and_one_with_a_giant(hub, model, monkeypatch, tmp_path):
    hub.create("eve/pickles", {"pytorch_model.bin": b"\x80\x04."})
    with pytest.raises(BundleError, match="hf://eve/pickles is no tonewise model"):
        publishing.pull("hf://eve/pickles", tmp_path / "m")
    hub.create("eve/giant", files_of(model))
    monkeypatch.setitem(bundle.LIMITS, "manifest.json", 10)
    with pytest.raises(BundleError, match=r"manifest\.json has .* bytes; no model that tonewise wrote is so large"):
        publishing.pull("hf://eve/giant", tmp_path / "m")
    assert hub.served == [] and not (tmp_path / "m").exists()


def test_where_it_came_from_is_ours_to_say(hub, model, tmp_path):
    forged = json.dumps({"address": "hf://google/best", "commit": "f" * 40}).encode()
    commit = hub.create("eve/calls", {**files_of(model), "origin.json": forged, "setup.py": b"raise SystemExit"})
    publishing.pull("hf://eve/calls", tmp_path / "m")
    assert bundle.load(tmp_path / "m").origin == {"address": "hf://eve/calls", "commit": commit}
    assert not (tmp_path / "m" / "setup.py").exists()


def test_other_folders_are_left_alone(hub, model, tmp_path):
    publishing.push(model, "hf://anna/calls")
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("precious")
    with pytest.raises(BundleError, match="holds something else than a model"):
        publishing.pull("hf://anna/calls", tmp_path / "thesis")


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("hf://anna", "names no model; expected hf://USER/REPO"),
        ("hf://anna/calls/deep", "names no model"),
        ("s3://bucket/model", "names no model"),
        ("https://huggingface.co/anna/calls", "names no model"),
    ],
)
def test_addresses_of_other_kinds(model, tmp_path, address, why):
    with pytest.raises(OptionError, match=why):
        publishing.push(model, address)
    with pytest.raises(OptionError, match=why):
        publishing.pull(address, tmp_path / "m")


@pytest.mark.parametrize("spec", ["hub:/home/anna/tuned", "hub:./tuned#2+4", "hub:~/tuned"])
def test_a_model_that_needs_a_folder_of_this_machine_stays_here(hub, tmp_path, spec):
    feature = {"spec": spec, "dimensions": 3, "identity": {}}
    model = small_model.save_model(tmp_path / "m", features=[feature])
    with pytest.raises(BundleError, match=f"needs '{re.escape(spec)}', a folder of this machine"):
        publishing.push(model, "hf://anna/calls")
    assert hub.asked == []


# -- who may, and what goes wrong ----------------------------------------------------------------------------------------


def test_without_a_token(hub, model, monkeypatch, tmp_path):
    publishing.push(model, "hf://anna/private")
    publishing.push(model, "hf://anna/open", public=True)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(BundleError, match="cannot be pushed to hf://anna/new: the hub refuses it; log in"):
        publishing.push(model, "hf://anna/new")
    with pytest.raises(BundleError, match="there is no such repository, or you may not see it"):
        publishing.pull("hf://anna/private", tmp_path / "m")
    assert publishing.pull("hf://anna/open", tmp_path / "m").commit


def test_what_is_not_there(hub, model, tmp_path):
    publishing.push(model, "hf://anna/calls")
    for address, why in (
        ("hf://anna/nothing", "there is no such repository"),
        ("hf://anna/calls@v9", "it has no such revision"),
        ("hf://anna/--", "the hub allows no such name"),
    ):
        with pytest.raises(BundleError, match=f"cannot be pulled from {address}: {why}"):
            publishing.pull(address, tmp_path / "m")


def test_a_hub_that_fails(hub, model, tmp_path):
    hub.broken = 500
    with pytest.raises(BundleError, match="cannot be pulled from hf://anna/calls: the hub answered with status 500"):
        publishing.pull("hf://anna/calls", tmp_path / "m")


def test_what_answers_is_no_hub(hub, model, tmp_path):
    hub.garbled = True
    for carry in (
        lambda: publishing.pull("hf://anna/calls", tmp_path / "m"),
        lambda: publishing.push(model, "hf://a/b"),
    ):
        with pytest.raises(BundleError, match="the hub's library gave up"):
            carry()


def test_no_hub_at_all(model, tmp_path):
    with pytest.raises(BundleError, match="the hub cannot be reached"):
        publishing.pull("hf://anna/calls", tmp_path / "m", endpoint="http://127.0.0.1:9")


def test_a_token_is_never_shown(hub, model, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    shown = ""
    for arguments, expect in (
        (("push", model, "hf://anna/calls"), 0),
        (("pull", "hf://anna/calls", "-o", tmp_path / "m"), 0),
        (("pull", "hf://anna/nothing", "-o", tmp_path / "x"), 2),
    ):
        result = run("model", *arguments, expect=expect)
        shown += result.stdout + result.stderr
    hub.broken = 403
    result = run("model", "push", model, "hf://anna/calls", expect=2)
    shown += result.stdout + result.stderr
    assert "the hub refuses it; log in" in shown
    assert hub_stand_in.TOKEN not in shown + caplog.text + str([body for _, _, body in hub.asked])
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()]
    assert not any(hub_stand_in.TOKEN.encode() in data for data in kept)


# -- the command line ----------------------------------------------------------------------------------------------------


def test_the_command_line(hub, model, tmp_path):
    pushed = json.loads(run("model", "push", model, "hf://anna/calls", "--json").stdout)
    assert pushed == {"model": str(model), "address": "hf://anna/calls", "commit": pushed["commit"]}
    line = run("model", "pull", "hf://anna/calls", "-o", tmp_path / "m")
    assert line.stdout == f"{tmp_path / 'm'}\n" and line.stderr == ""
    shown = json.loads(run("model", "show", tmp_path / "m", "--json").stdout)
    assert shown["origin"] == {"address": "hf://anna/calls", "commit": pushed["commit"]}
    assert f"pulled from hf://anna/calls at commit {pushed['commit']}" in run("model", "verify", tmp_path / "m").stdout
    shutil.rmtree(tmp_path / "m")
    assert "there is no such repository" in run("model", "pull", "hf://a/b", "-o", tmp_path / "m", expect=2).stderr
