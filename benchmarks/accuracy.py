"""How right is analysis? On a folder of labelled clips, or on drawn scenes where none is given."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from analysis.accuracy.judging import judge
from analysis.accuracy.summary import HEADER, keys, rows
from benchmarks import labelled_scenes
from benchmarks.report import Report
from hall.config.settings import AnalysisSettings


def run(options: Sequence[str] = ()) -> Report:
    """Judge every clip of the folder that is given, or the drawn ones."""
    parser = argparse.ArgumentParser(prog="benchmarks accuracy", description=__doc__)
    parser.add_argument("--clips", type=Path, help="a folder with video/, audio/ and labels in gt/")
    clips: Path | None = parser.parse_args(list(options)).clips
    if clips is not None:
        return _report(clips, "Clips of a folder; what they show its own description says.")
    with tempfile.TemporaryDirectory(prefix="hallwatch-accuracy-") as name:
        labelled_scenes.make(Path(name))
        return _report(
            Path(name), "Drawn scenes: they show that the whole way works, and little of real halls."
        )


def _report(folder: Path, note: str) -> Report:
    scores = list(judge(folder, AnalysisSettings(), time.process_time))
    return Report("How right analysis is", HEADER, tuple(rows(scores)), keys(scores), (note,))
