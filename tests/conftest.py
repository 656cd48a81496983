"""What tests of several folders share: servers that take seconds to start, each started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.s3_server import S3Server, running


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server, started when the first test asks for it."""
    with running() as server:
        yield server


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With several test processes (`make test`) a file stays in one, and who shares a costly server too."""
    for item in items:
        path = item.path.relative_to(item.config.rootpath)
        group = "demo" if path.is_relative_to("tests/e2e") else str(path)
        if "s3_server" in getattr(item, "fixturenames", ()):
            group = "s3"
        item.add_marker(pytest.mark.xdist_group(group))
