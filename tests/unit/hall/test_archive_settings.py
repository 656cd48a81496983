"""site.storage.archive: what may stand there; what is refused is named by field, without secrets."""

from __future__ import annotations

import pytest

from hall.config import parse_configuration
from hall.config.archive import ArchiveSettings
from hall.errors import ConfigurationError
from tests.unit.alerts.small_hall import YAML

GOOD = (
    "{bucket: hall-3, endpoint: 'https://s3.example:9000/', prefix: /recordings/hall/, "
    "access_key: AKHALL, secret_key: '${KEY}'}"
)


def parsed(archive: str) -> ArchiveSettings:
    settings = parse_configuration(f"site:\n  storage:\n    archive: {archive}\n{YAML}").site.storage.archive
    assert settings is not None
    return settings


def test_an_archive_is_called_by_bucket_and_prefix() -> None:
    settings = parsed(GOOD)
    assert (settings.name, settings.endpoint) == ("hall-3/recordings/hall", "https://s3.example:9000")


def test_amazon_needs_no_address() -> None:
    assert parsed(GOOD.replace("endpoint: 'https://s3.example:9000/', ", "")).endpoint is None


WRONG = [
    ("a written secret", "'${KEY}'", "'hunter2-of-the-hall'", "secret_key"),
    ("a secret with something beside it", "'${KEY}'", "'x${KEY}'", "secret_key"),
    ("no scheme", "https://", "", "endpoint"),
    ("another scheme", "https://", "ftp://", "endpoint"),
    ("a password in the address", "s3.example", "me:hunter2@s3.example", "endpoint"),
    ("a port that is none", ":9000", ":90000", "endpoint"),
    ("a way out of the prefix", "/recordings/", "/../", "prefix"),
    ("an empty name in the prefix", "/recordings/", "/a//b", "prefix"),
    ("a bucket that is none", "bucket: hall-3", "bucket: Hall_3", "bucket"),
    ("no days", "{", "{days: 0, ", "days"),
    ("a limit of nothing", "{", "{megabits_per_second: 0, ", "megabits_per_second"),
]


@pytest.mark.parametrize(
    ("old", "new", "field"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG]
)
def test_what_is_wrong_is_named_by_field_and_without_secrets(old: str, new: str, field: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        parsed(GOOD.replace(old, new, 1))
    assert [problem.field for problem in error.value.problems] == [f"site.storage.archive.{field}"]
    assert "hunter2" not in str(error.value)
