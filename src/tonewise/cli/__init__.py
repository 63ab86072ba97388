"""The command line: parse, one call into the pipeline, present."""

from tonewise.cli.main import main

__all__ = ["main"]
