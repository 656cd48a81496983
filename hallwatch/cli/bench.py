"""`hallwatch bench`: how right analysis is on clips whose truth is known."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from analysis.accuracy.clips import SAMPLE_EVERY
from analysis.accuracy.judging import Score, judge
from analysis.accuracy.summary import keys, not_judged, table
from hall.config import load_configuration
from hall.config.settings import AnalysisSettings
from hallwatch.cli.options import AsJson
from hallwatch.cli.outcome import ExitCode, print_json

app = typer.Typer(help="Measure how right analysis is.", no_args_is_help=True)


@app.callback()
def bench() -> None:
    """Measure how right analysis is."""


@app.command()
def accuracy(
    folder: Annotated[Path, typer.Argument(help="A folder with video/, audio/ and the labels in gt/.")],
    *,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Use the settings of this hall.yaml.")
    ] = None,
    sample_every: Annotated[
        float, typer.Option(min=0.1, max=60, help="Seconds between two looks at a clip.")
    ] = SAMPLE_EVERY,
    as_json: AsJson = False,
) -> None:
    """Examine labelled clips as cameras are examined live, and compare.

    Prints a row a clip: share of seconds in which the state of each zone is right, absences, people counted,
    speech, faults of the picture. What is not labelled is not scored. Ends with 3 when a labelled clip could
    not be judged; the note in its row says why.
    """
    settings = load_configuration(file).site.analysis if file is not None else AnalysisSettings()
    scores: list[Score] = []
    for score in judge(folder, settings, time.process_time, sample_every):
        scores.append(score)
        if not as_json:
            typer.echo(f"{len(scores)}: {score.clip}", err=True)
    for line in table(scores):
        typer.echo(line, err=as_json)
    print_json(dict(keys(scores)))
    if left := not_judged(scores):
        typer.echo(f"{len(left)} of {len(scores)} could not be judged: {', '.join(left)}", err=True)
        raise typer.Exit(ExitCode.FAULTS)
