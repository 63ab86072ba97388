"""What is released: metadata, the files around the code, and a wheel that works where nothing else of the checkout is."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path, PurePosixPath

import pytest
import yaml

import tonewise

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = sorted(PROJECT["optional-dependencies"])

#: What differs from machine to machine, and has no business in a release.
MACHINE = re.compile(rb"/(?:root|home|work|Users)/[A-Za-z0-9_.-]+/|/tmp/[A-Za-z0-9_-]+/")
NOT_OURS = ("player.js",)  # a bundle of other people's code


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_the_citation_has_what_its_format_requires_and_the_version_of_the_package():
    cited = yaml.safe_load(text("CITATION.cff"))
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= cited.keys()
    assert cited["cff-version"] == "1.2.0"
    assert cited["version"] == tonewise.__version__
    assert cited["license"] == PROJECT["license"]
    assert all({"name"} <= author.keys() or {"family-names"} <= author.keys() for author in cited["authors"])
    assert all({"type", "title", "authors"} <= each.keys() for each in cited["references"])


def test_versions_are_semantic_and_the_changelog_is_kept():
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?", tonewise.__version__)
    assert re.search(r"^## \[(Unreleased|\d+\.\d+\.\d+)\]", text("CHANGELOG.md"), flags=re.MULTILINE)


def test_classifiers_name_the_pythons_that_are_documented():
    named = re.findall(r"Python :: (3\.\d+)$", "\n".join(PROJECT["classifiers"]), flags=re.MULTILINE)
    rows = re.findall(r"^\| (3\.\d+) \|", text("docs/releasing.md"), flags=re.MULTILINE)
    assert named == rows == ["3.11", "3.12", "3.13", "3.14"]
    assert PROJECT["requires-python"] == ">=3.11"


def test_what_contributors_are_told_to_type_is_in_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), flags=re.MULTILINE))
    for page in ("CONTRIBUTING.md", "SECURITY.md", "docs/releasing.md", "docs/api-policy.md"):
        told = set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", text(page), flags=re.MULTILINE))
        assert told <= targets, page


@pytest.mark.parametrize(
    "page", ["CONTRIBUTING.md", "SECURITY.md", "docs/plugins.md", "docs/api-policy.md", "docs/releasing.md"]
)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text(page)):
        assert "://" in link or (folder / link).exists(), link


def instructions(name: str) -> list[tuple[str, str]]:
    """Instructions of a Dockerfile with what follows them, continued lines joined."""
    lines = [line for line in text(name).splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line.strip())]


def test_the_image_fetches_when_it_is_built_and_runs_without_a_network_as_nobody():
    told = instructions("Dockerfile")
    known = {"FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in told} <= known
    bases = [number for number, (word, _) in enumerate(told) if word == "FROM"]
    assert len(bases) == 2
    built, final = told[: bases[1]], told[bases[1] :]
    fetching = " ".join(rest for word, rest in built if word == "RUN")
    assert "--constraint requirements/lock.txt" in fetching and "tonewise weights get" in fetching
    running = " ".join(rest for word, rest in final if word == "RUN")
    assert not re.search(r"pip|apt|curl|weights get", running)
    after = dict(final)
    assert after["USER"] != "root" and json.loads(after["ENTRYPOINT"]) == ["tonewise"]
    assert "HF_HUB_OFFLINE=1" in after["ENV"]


def test_the_image_is_built_from_files_that_are_sent_and_weights_that_are_known():
    sent = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    told = instructions("Dockerfile")
    for word, rest in told:
        if word == "COPY" and not rest.startswith("--from"):
            *files, _ = rest.split()
            assert set(files) <= sent and all((ROOT / file).exists() for file in files)
    (names,) = re.findall(r"for name in ([^;]+);", text("Dockerfile"))
    from tonewise import weights

    assert set(names.split()) <= {row["name"] for row in weights.listing()}
    (extras,) = re.findall(r'"\.\[([a-z,]+)\]"', text("Dockerfile"))
    assert set(extras.split(",")) <= set(EXTRAS)


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the sdist, and the wheel that was made from it."""
    pytest.importorskip("hatchling", reason="wheels are built by hatchling (in the group dev)")
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "-q", "-o", str(out), str(ROOT)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return out


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (found,) = built.glob("*.whl")
    return found


@pytest.mark.slow
def test_the_wheel_holds_the_package_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        contents = {name: packed.read(name) for name in names}
    assert {PurePosixPath(name).parts[0] for name in names} == {
        "tonewise",
        f"tonewise-{tonewise.__version__}.dist-info",
    }
    source = ROOT / "src"
    data = {
        path.relative_to(source).as_posix()
        for path in (source / "tonewise").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert data <= set(names), "every file of the package is in the wheel"
    assert "tonewise/py.typed" in names
    assert any(name.startswith("tonewise/store/migrations/versions/r0001") for name in names)
    for folder, ending in (("report", ".js"), ("report", ".j2"), ("web", ".html"), ("web", ".js")):
        assert any(name.startswith(f"tonewise/{folder}/") and name.endswith(ending) for name in names), (folder, ending)
    assert not any("test" in PurePosixPath(name).name.split("_")[0] for name in names)
    for name, content in contents.items():
        found = MACHINE.search(content)
        assert name.endswith(NOT_OURS) or not found, (name, found)


@pytest.mark.slow
def test_the_sdist_holds_what_is_needed_to_test_and_build_and_nothing_that_is_ignored(built):
    (packed,) = built.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        names = {PurePosixPath(*PurePosixPath(name).parts[1:]).as_posix() for name in archive.getnames()}
    for needed in ("pyproject.toml", "Makefile", "Dockerfile", "CITATION.cff", "LICENSE", "README.md", "PKG-INFO"):
        assert needed in names
    for needed in (
        "requirements/lock.txt",
        "release/licences.py",
        "tests/conftest.py",
        "docs/plugins.md",
        "mkdocs.yml",
    ):
        assert needed in names
    assert not any(re.search(r"node_modules|__pycache__|\.venv|\.pyc$|\.cache", name) for name in names)


@pytest.mark.slow
def test_a_clean_environment_with_the_wheel_alone_does_the_main_job(wheel, corpus, tmp_path):
    """Dependencies come from this environment; tonewise comes from the wheel, far from the checkout."""
    home = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(install, check=True)
    (site,) = home.glob("lib/*/site-packages")
    ours = Path(tonewise.__file__).parents[1].resolve()
    others = [path for path in map(Path, sys.path) if path.name == "site-packages" and path.resolve() != ours]
    # A path file would also run the editable install's; a list of paths does not.
    (site / "others.pth").write_text("".join(f"{path}\n" for path in others))

    def run(*arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        command = [python.parent / "tonewise", *arguments]
        ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    assert run("--version") == f"tonewise, version {tonewise.__version__}\n"
    assert "demo" in run("--help")
    where = subprocess.run(
        [python, "-c", "import tonewise; print(tonewise.__file__)"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(home)
    chosen = ("--labels", "lexicon", "--features", "melstats", "--no-audit", "--report", "report.html", "--json")
    trained = json.loads(run("train", str(corpus), "-o", "model", *chosen))
    assert trained["metrics"]["test"]["n"] > 0
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")
    recording = str(shutil.copy(corpus.parent / "speaker1.wav", tmp_path))
    (tmp_path / "speaker1.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nI love it.\n")
    (scored,) = json.loads(run("score", "model", recording, "--json", "-o", "page.html"))
    assert scored["segments"]
    run("score", "model", recording, "--store", "calls.db")  # whose tables are made by the wheel's migrations


@pytest.mark.slow
@pytest.mark.parametrize("extra", EXTRAS)
def test_each_extra_can_be_installed_alone(extra, wheel):
    """Resolved against the package index and what is installed; torch is the one of requirements/torch.txt, never CUDA's."""
    constraint = wheel.parent / "constraint.txt"
    constraint.write_text(text("requirements/torch.txt").splitlines()[0] + "\n")
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
    ]
    asked = [*command, "--timeout", "10", "-c", str(constraint), f"tonewise[{extra}] @ {wheel.as_uri()}"]
    if extra in {"hub", "torch", "vgg16"}:
        pytest.importorskip("torch", reason="resolving would fetch torch itself, with CUDA")
    ran = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=240)
    if ran.returncode and re.search(r"connection broken|newconnectionerror|timed out", ran.stderr, flags=re.IGNORECASE):
        pytest.skip(f"no package index can be reached: {ran.stderr.strip().splitlines()[-1][:200]}")
    assert ran.returncode == 0, ran.stderr
