"""What the README tells people to type works, as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[1] / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_readmes_commands_and_code_run(tmp_path):
    home = tmp_path / "home"
    scripts = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    home.mkdir()
    (commands,) = [block for block in blocks("sh") if "pip install" not in block]
    subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=home, env=environment, check=True)
    for made in ("tonewise-demo/report.html", "labels.parquet", "model/classifier.onnx", "report.html", "tone.csv"):
        assert (home / made).stat().st_size > 0
    for code in blocks("python"):
        subprocess.run([sys.executable, "-c", code], cwd=home, env=environment, check=True)
