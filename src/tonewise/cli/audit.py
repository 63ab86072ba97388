"""`tonewise audit`: does a model hear tone, or read words?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tonewise.cli import options
from tonewise.cli.console import console, print_json, progress_bars, say, table, tell_problems

if TYPE_CHECKING:
    from rich.console import Console

    from tonewise.evaluation.audit import AuditFindings
    from tonewise.pipeline.auditing_results import AuditResult

FORMATS = (".html", ".json", ".md")


@click.command(short_help="Does a model hear tone, or read words?")
@options.model
@options.corpora
@click.option("--gold", metavar="COLUMN", help="Judge by this column of gold labels as well; they are not trained on.")
@click.option(
    "--labels",
    "labeller",
    metavar="NAME",
    help="Labels to train on: a labeller or a column  [default: as the model was trained].",
)
@click.option("--robustness", is_flag=True, help="Also try the model on changed sound: noise, telephone, codecs …")
@click.option("--quick", is_flag=True, help="Leave out clips without words, whose features must be computed anew.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write a .html page, a .md table or .json.")
@options.seed
@options.jobs
@options.cache
@options.reading
@options.as_json
def audit(
    model: Path,
    corpora: tuple[Path, ...],
    gold: str | None,
    labeller: str | None,
    robustness: bool,
    quick: bool,
    output: Path | None,
    seed: int,
    jobs: int,
    cache: Path | bool,
    as_json: bool,
    **reading: Any,
) -> None:
    """Train MODEL's recipe anew on CORPUS, holding out voices and then words, too, and see what is left of its skill.

    A model that hears tone keeps it when the words are new; one that reads words does not. The verdict is "hears tone",
    "reads words" or "cannot tell", by a rule that is printed with it.
    """
    from tonewise import pipeline
    from tonewise.pipeline.auditing_results import audit_json

    if output is not None:
        _check(output)
    with progress_bars() as progress:
        result = pipeline.audit(
            model,
            list(corpora),
            gold=gold,
            labeller=labeller,
            without_words=not quick,
            robustness=robustness,
            seed=seed,
            jobs=jobs,
            cache=cache,
            progress=progress,
            **reading,
        )
    if output is not None:
        _write(result, output)
    if as_json:
        print_json(audit_json(result))
    else:
        show_audit(result, console())
        if output is not None:
            click.echo(f"written to {output}")
    tell_problems(result.problems)


def _check(output: Path) -> None:
    from tonewise.errors import OptionError

    if output.suffix.lower() not in FORMATS:
        raise OptionError(f"{output} has no extension that an audit can be written as; choose {', '.join(FORMATS)}")


def _write(result: AuditResult, output: Path) -> None:
    from tonewise.pipeline.auditing_results import audit_json, audit_page
    from tonewise.report.audit import audit_markdown
    from tonewise.tables import write_json, write_text

    kind = output.suffix.lower()
    if kind == ".html":
        write_text(audit_page(result), output)
    elif kind == ".md":
        write_text("\n".join(map(audit_markdown, result.findings)), output)
    else:
        write_json(audit_json(result), output)


def show_audit(result: AuditResult, screen: Console) -> None:
    """The verdict first, then what it rests on."""
    for found in result.findings:
        _show(found, screen)
    if result.robustness is not None:
        from tonewise.report.robustness import lines

        for line in lines(result.robustness.as_json()):
            say(screen, line)
    if result.note:
        say(screen, f"Data of the model: {result.note}", style="dim")
    say(screen, f"Rule: {result.main.rule}", style="dim")


def _show(found: AuditFindings, screen: Console) -> None:
    from tonewise.report import audit as told

    say(screen, told.headline(found), style="bold")
    # Narrow: what the titles mean, and what was trained on, is on the page.
    rows = [
        [title.partition(":")[0], *figures, tested.partition(" ")[0]] for title, *figures, _, tested in told.rows(found)
    ]
    columns = ["clips", "sound: ROC AUC", "words alone", "length alone", "n"]
    screen.print(table(f"Judged by {found.truth}", columns, rows))
    for what, figure in told.facts(found):
        say(screen, f"{what}: {figure}")
    for sentence in told.missing(found):
        say(screen, sentence)
    screen.print()
