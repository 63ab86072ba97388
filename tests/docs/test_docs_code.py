"""Every code block of the documentation is run, or at least checked, and none is left out without a reason."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
from doc_blocks import OUTPUT, PAGES, ROOT, Block, blocks, commands, inline_commands, needs, remarks, unfenced
from doc_checks import check, check_command, check_inline, check_output, check_python, check_tonewise
from doc_runner import Page

from tonewise import plugins
from tonewise.transcripts import registry as transcript_registry

BLOCKS = [block for page in PAGES for block in blocks(page)]
RUNNING = [page for page in PAGES if any(block.runs for block in blocks(page))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture
def page_folder(tmp_path, monkeypatch):
    """A page's folder, in which this process is; and a place for packages that the page installs."""
    folder, site = tmp_path / "page", tmp_path / "site"
    folder.mkdir()
    site.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(site))
    modules = set(sys.modules)
    yield folder, site
    for module in set(sys.modules) - modules:
        if str(site) in str(getattr(sys.modules[module], "__file__", "")):
            del sys.modules[module]
    monkeypatch.undo()
    forget_plugins()


def forget_plugins() -> None:
    plugins.installed.cache_clear()
    plugins._tell_shadowed.cache_clear()
    transcript_registry._of_plugins.cache_clear()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("page", RUNNING, ids=name)
def test_the_blocks_of_a_page_run_in_their_order(page, page_folder, worlds, request):
    folder, site = page_folder
    wanted = needs(page)
    address = request.getfixturevalue("serving")() if "server" in wanted else None
    for each in wanted:
        if each != "server":
            worlds.place(each, folder)
    here = Page(folder, site, address)
    for block in blocks(page):
        if block.runs:
            here.run(block)
            forget_plugins()


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.remark], ids=lambda block: block.place)
def test_a_block_that_is_not_run_could_be(block):
    assert len(block.why) > 10, f"{block.place}: say why it is not run"
    check(block)


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language in OUTPUT], ids=lambda block: block.place)
def test_outputs_keep_their_grammar(block):
    check_output(block)


def test_every_block_is_counted():
    kinds = Counter("run" if b.runs else "checked" if b.remark else "output" for b in BLOCKS if known(b))
    fences = sum(line.lstrip().startswith("```") for page in PAGES for line in page.read_text("utf-8").splitlines())
    assert kinds.total() == fences // 2 and fences % 2 == 0
    assert kinds["run"] >= 30, kinds
    assert kinds["checked"] < kinds["run"], f"too much is not run: {kinds}"


def known(block: Block) -> bool:
    assert block.runs or block.remark or block.language in OUTPUT, f"{block.place}: language '{block.language}'"
    return True


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_command_hides_from_the_tests(page):
    assert not unfenced(page), "indent no commands; put them into ```sh"
    assert remarks(page) <= {"needs", "long", "elsewhere"}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_options_that_sentences_name_exist(page):
    for command in inline_commands(page):
        check_inline(command)


def test_a_block_that_fails_is_found_out(page_folder, tmp_path):
    folder, site = page_folder
    here = Page(folder, site, None)
    (wrong,) = written(tmp_path, "```sh\ntonewise inspect nothing.csv\n```\n")
    with pytest.raises(AssertionError, match="no such file or folder"):
        here.run(wrong)
    (wrong,) = written(tmp_path, "```sh\ntrue\ncat nothing.csv | head\n```\n")
    with pytest.raises(AssertionError, match="No such file"):
        here.run(wrong)
    (wrong,) = written(tmp_path, "```python\n1 / 0\n```\n")
    with pytest.raises(ZeroDivisionError):
        here.run(wrong)
    right = written(
        tmp_path,
        "```sh\necho 1 > one\n```\n```python\nfrom pathlib import Path\nnumber = Path('one').read_text().strip()\n```\n",
    )
    for block in right:
        here.run(block)
    assert here.names["number"] == "1"


def written(tmp_path, text: str) -> list[Block]:
    page = ROOT / "docs" / "x.md"
    file = tmp_path / "x.md"
    file.write_text(text, encoding="utf-8")
    return [Block(page, b.line, b.language, b.text, b.remark, b.why) for b in blocks(file)]


def test_the_checks_find_what_is_wrong(tmp_path):
    found = written(tmp_path, "<!-- long: minutes -->\n\n```sh\ntonewise demo # x\n```\n\n  ```python\n  1\n  ```\n")
    assert [(b.remark, b.runs, b.text) for b in found] == [("long", False, "tonewise demo # x\n"), (None, True, "1\n")]
    (block,) = written(tmp_path, "```sh\na \\\n  b # c\n# d\ncat > x <<'END'\n# kept\nEND\ne\n```\n")
    assert commands(block) == ["a b", "cat > x <<'END'\n# kept\nEND", "e"]
    for wrong in ("tonewise trian x", "tonewise train x --loud", "python benchmarks/none.py", "frobnicate x"):
        with pytest.raises((AssertionError, Exception)):
            check_command(wrong)
    with pytest.raises(AssertionError, match="no command"):
        check_tonewise(["trian"])
    with pytest.raises(AssertionError, match="unknown"):
        check_inline("tonewise score --louder")
    with pytest.raises(AssertionError, match="has no"):
        check_python("from tonewise.labels import Nothing", "here")
    with pytest.raises(ImportError):
        check_python("import tonewise\ntonewise.nothing()", "here")
    check_command("tonewise score m a.wav | head")
    check_inline("tonewise cache prune --max-size 10GB")
