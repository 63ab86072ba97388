"""The `tonewise` command. Exit status: 0 done, 2 the input was wrong (one clear line), 1 anything else."""

from __future__ import annotations

import sys
from typing import Any

import click

from tonewise.cli.audit import audit
from tonewise.cli.cache import cache
from tonewise.cli.calls import calls
from tonewise.cli.compare import compare
from tonewise.cli.corpus import corpus
from tonewise.cli.demo import demo
from tonewise.cli.evaluate import evaluate
from tonewise.cli.features import features
from tonewise.cli.figures import figures
from tonewise.cli.finetune import finetune
from tonewise.cli.inspect import inspect
from tonewise.cli.label import label
from tonewise.cli.languages import languages
from tonewise.cli.model import model
from tonewise.cli.score import score
from tonewise.cli.serve import serve
from tonewise.cli.train import train
from tonewise.cli.transcribe import transcribe
from tonewise.cli.weights import weights
from tonewise.errors import TonewiseError
from tonewise.version import __version__


class _OneLineErrors(click.Group):
    """Turns tonewise's own errors into one line on stderr and their exit status."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except TonewiseError as error:
            click.echo(f"tonewise: {error}", err=True)
            ctx.exit(error.exit_status)
        except KeyboardInterrupt:
            click.echo(
                "tonewise: interrupted; what was finished is kept, and the same command goes on from there",
                err=True,
            )
            ctx.exit(1)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output left; there is nobody to tell
            ctx.exit(1)


@click.group(cls=_OneLineErrors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tonewise")
def main() -> None:
    """Learn how speech sounds from what it says.

    The words of a transcribed recording label its sound for free; a model learns the tone of voice from them, and new
    recordings come out as tone over time. Start with `tonewise demo`.
    """


for command in (
    demo,
    inspect,
    transcribe,
    label,
    features,
    train,
    finetune,
    evaluate,
    audit,
    score,
    calls,
    serve,
    compare,
    figures,
    languages,
    corpus,
    model,
    weights,
    cache,
):
    main.add_command(command)
