"""Commands run in this process, as tests of the command line do."""

from __future__ import annotations

from click.testing import CliRunner, Result

from tonewise.cli import main


def run(*arguments: object, expect: int = 0) -> Result:
    """Run a command, stdout and stderr apart; the test fails where it raises, or ends with another status."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == expect, f"{result.stdout}\n{result.stderr}"
    return result


def one_line(result: Result) -> str:
    """The one line that a refused command says, on stderr and nowhere else."""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("tonewise: "), result.stderr
    assert not result.stdout
    return lines[0]
