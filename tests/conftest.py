"""What tests of several folders share: how long examples may take, and servers that take seconds to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from console.access import passwords
from tests.s3_server import S3Server, running
from tests.schedule import FileByFile, arrange

REAL_HASHER, REAL_NOBODY = passwords._hasher, passwords._nobody
NOBODY = "a password that no user has"

# No deadline for a single example: machines are shared, and a slow moment is no fault. The same examples each
# time, so that a suite that passed passes again; `--hypothesis-profile long` looks for others, and for more.
settings.register_profile("usual", deadline=None, derandomize=True)
settings.register_profile("long", deadline=None, max_examples=10_000)
settings.load_profile("usual")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first."""
    items[:] = arrange(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FileByFile:
    """Several processes are given files, whatever the command line says of it."""
    return FileByFile(config, log)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 server, started when the first test asks for it."""
    with running() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _passwords_are_hashed_cheaply() -> Iterator[None]:
    """Argon2id still, but by the least that it allows.

    What makes it slow on purpose would be minutes of a test run. `real_password_hashing` brings it back.
    """
    hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_nobody", hasher.hash(NOBODY))
        yield


@pytest.fixture
def real_password_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as the product does."""
    monkeypatch.setattr(passwords, "_hasher", REAL_HASHER)
    monkeypatch.setattr(passwords, "_nobody", REAL_NOBODY)
