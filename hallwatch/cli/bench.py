"""`hallwatch bench`: how right analysis is on clips whose truth is known."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from analysis.accuracy.clips import SAMPLE_EVERY
from analysis.accuracy.judging import Score, judge
from analysis.accuracy.summary import HEADER, keys, rows
from hall.config import load_configuration
from hall.config.settings import AnalysisSettings
from hallwatch.cli.options import AsJson
from hallwatch.cli.outcome import print_json

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
    speech, faults of the picture. What is not labelled is not scored.
    """
    settings = load_configuration(file).site.analysis if file is not None else AnalysisSettings()
    scores: list[Score] = []
    for score in judge(folder, settings, time.process_time, sample_every):
        scores.append(score)
        if not as_json:
            typer.echo(f"{len(scores)}: {score.clip}", err=True)
    typer.echo(" | ".join(HEADER), err=as_json)
    for row in rows(scores):
        typer.echo(" | ".join("–" if cell is None else str(cell) for cell in row), err=as_json)
    print_json(dict(keys(scores)))
