"""The site builds without a warning, has every page in its contents, and fetches nothing from anywhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from doc_blocks import PAGES, ROOT

#: Attributes that make a browser fetch something by itself; a link that somebody has to follow may lead anywhere.
FETCHED = {
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("link", "href"),
    ("object", "data"),
}
NOT_FETCHED = {"canonical", "prev", "next", "alternate", "edit"}  # of <link rel=…>


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    pytest.importorskip("mkdocs", reason="the group dev is not installed")
    folder = tmp_path_factory.mktemp("site")
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-d", str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


class Fetches(HTMLParser):
    """Addresses that a browser fetches of its own accord, and text of styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and set((given.get("rel") or "").split()) & NOT_FETCHED:
            return
        self.found += [value or "" for name, value in attrs if (tag, name) in FETCHED]


def foreign(addresses: list[str]) -> list[str]:
    return [address for address in addresses if re.match(r"(https?:)?//", address)]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_fetched_from_elsewhere(site):
    pages = list(site.rglob("*.html"))
    assert len(pages) >= 25
    for page in pages:
        assert not foreign(Fetches(page.read_text(encoding="utf-8")).found), page.name
    for style in site.rglob("*.css"):
        text = style.read_text(encoding="utf-8")
        assert not foreign(re.findall(r"url\(['\"]?([^'\")]+)", text) + re.findall(r"@import ['\"]([^'\"]+)", text)), (
            style.name
        )


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_page_is_in_the_contents(site):
    index = (site / "index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'<a href="([^"#]+)" class="md-nav__link', index))
    for page in (page for page in PAGES if page.parent != ROOT and page.name != "index.md"):
        place = page.relative_to(ROOT / "docs").with_suffix("").as_posix()
        assert f"{place}/" in linked, f"{place} is not in mkdocs.yml's nav"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_reference_pages_are_generated(site):
    commands = (site / "reference" / "cli" / "index.html").read_text(encoding="utf-8")
    assert "--gold" in commands and "tonewise train" in commands and "Sentinel" not in commands
    names = (site / "reference" / "api" / "index.html").read_text(encoding="utf-8")
    assert "tonewise.pipeline.train" in names


def test_what_would_be_fetched_is_found():
    text = '<script src="https://cdn.example/x.js"></script><link rel="canonical" href="https://a"><a href="https://b">'
    assert foreign(Fetches(text).found) == ["https://cdn.example/x.js"]
