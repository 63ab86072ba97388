"""The house keeps its rules: layers, public names, no unsafe loading, nothing printed below the surfaces."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tonewise

SOURCE = Path(tonewise.__file__).parent
MODULES = sorted(SOURCE.rglob("*.py"))


def test_layers_point_one_way():
    # In a process of its own: in this one it would silence all loggers for the tests after it.
    lint = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(cache_dir=None))"
    done = subprocess.run(
        [sys.executable, "-c", lint], cwd=SOURCE.parents[1], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_public_names_are_there_and_documented():
    for name in tonewise.__all__:
        value = getattr(tonewise, name)
        assert name == "__version__" or value.__doc__
    assert set(tonewise.__all__) <= set(dir(tonewise))
    with pytest.raises(AttributeError, match="no attribute 'listen'"):
        _ = tonewise.listen


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_modules_say_what_they_are(module):
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{module} has no docstring"
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & {"eval", "exec"}
    child = module.name == "engine.py"  # a program of its own, run by the demo in another process
    assert child or "print" not in called
