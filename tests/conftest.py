"""What tests of several folders share: how long examples may take, and servers that take seconds to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.s3_server import S3Server, running

# No deadline for a single example: machines are shared, and a slow moment is no fault. The same examples each
# time, so that a suite that passed passes again; `--hypothesis-profile long` looks for others, and for more.
settings.register_profile("usual", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile("usual")


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server, started when the first test asks for it."""
    with running() as server:
        yield server
