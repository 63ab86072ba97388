"""Runs the blocks of a page: ours in this process, where everything is imported already, the rest by bash."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from doc_blocks import Block, commands
from doc_checks import check_pip

from tonewise.cli import main

_SHELL = re.compile(r"[|&;<>$`()]")
#: What a page calls a server's address, and what it is in a test.
ADDRESS = "127.0.0.1:8000"
#: Here an answer of 400 and more is a failure, which it is not to curl.
CURL = 'curl() { command curl --fail -sS "$@"; }'


class Page:
    """One page's folder, and what its blocks leave behind: files, names of Python, installed packages."""

    def __init__(self, folder: Path, site: Path, address: str | None) -> None:
        self.folder, self.site, self.address = folder, site, address
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def run(self, block: Block) -> None:
        text = block.text.replace(ADDRESS, self.address) if self.address else block.text
        if block.language == "python":
            exec(compile(text, block.place, "exec"), self.names)
        else:
            self._run_commands(Block(block.page, block.line, block.language, text))

    def _run_commands(self, block: Block) -> None:
        waiting: list[str] = []  # lines of bash that may hand variables on
        for command in commands(block):
            program = command.split()[0]
            if program == "pip" or (program == "tonewise" and not _SHELL.search(command)):
                self._bash(waiting, block)
                waiting = []
                run = self._pip if program == "pip" else self._tonewise
                run(shlex.split(command)[1:], block)
            else:
                waiting.append(command)
        self._bash(waiting, block)

    def _tonewise(self, given: list[str], block: Block) -> None:
        found = [name for word in given for name in (self._matching(word) if "*" in word else [word])]
        result = CliRunner().invoke(main, found, catch_exceptions=False)
        assert result.exit_code == 0, f"{block.place}: tonewise {' '.join(given)}\n{result.output}"

    def _matching(self, pattern: str) -> list[str]:
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.glob(pattern))

    def _pip(self, given: list[str], block: Block) -> None:
        """Packages of the page's own are installed, into a folder of the test; others must be there already."""
        check_pip(given)
        for word in given[1:]:
            if word.startswith("./"):
                options = ["-q", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
                command = [sys.executable, "-m", "pip", "install", *options, "--target", str(self.site), word]
                subprocess.run(command, check=True, cwd=self.folder)

    def _bash(self, lines: list[str], block: Block) -> None:
        if not lines:
            return
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join([CURL, *lines])],
            check=False,
            cwd=self.folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, f"{block.place}: {lines}\n{done.stdout}\n{done.stderr}"
