"""docs/metrics.md names every metric that any role counts, and no other."""

from __future__ import annotations

import importlib
from itertools import chain

import pytest
from prometheus_client.metrics import MetricWrapperBase

from tests.unit.documentation.pages import ROOT, code, page, rows

FOLDERS = ("hall", "store", "bus", "capture", "analysis", "alerts", "console", "hallwatch")
Described = tuple[str, tuple[str, ...]]


def metrics_in(module: str) -> dict[str, Described]:
    """Name, as Prometheus reads it, to kind and labels of every metric of a module."""
    found: dict[str, Described] = {}
    for member in vars(importlib.import_module(module)).values():
        if isinstance(member, MetricWrapperBase):
            (described,) = member.describe()
            name = f"{described.name}_total" if described.type == "counter" else described.name
            found[name] = described.type, tuple(member._labelnames)
    return found


def modules() -> list[str]:
    """Every module called `metrics`, however deep in its folder."""
    paths = chain.from_iterable((ROOT / folder).rglob("metrics.py") for folder in FOLDERS)
    inside = [path.relative_to(ROOT).with_suffix("") for path in paths if "node_modules" not in path.parts]
    return sorted(".".join(path.parts) for path in inside)


def counted() -> dict[str, Described]:
    """Every metric of every folder."""
    return {name: told for module in modules() for name, told in metrics_in(module).items()}


def documented() -> dict[str, Described]:
    """What the page says."""
    return {
        code(name): (kind, tuple(code(label) for label in labels.split(", ") if label))
        for name, kind, labels, _ in rows(page("docs/metrics.md"), "metric")
    }


def test_the_page_names_every_metric_with_its_kind_and_labels_and_no_other() -> None:
    assert documented() == counted()


@pytest.mark.parametrize("module", modules())
def test_a_metric_is_named_after_its_folder(module: str) -> None:
    folder = module.split(".", 1)[0].replace("hallwatch", "supervisor")
    assert all(name.startswith(f"hallwatch_{folder}_") for name in metrics_in(module))
