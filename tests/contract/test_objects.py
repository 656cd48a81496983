"""Every object store passes the suite for object stores."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from capture.objects import LocalObjects
from hall.errors import NotFound
from hall.names import ObjectKey
from hall.testing import ObjectStoreSuite


class TestLocalObjects(ObjectStoreSuite):
    """Files in a local folder."""

    @pytest.fixture(autouse=True)
    def _have_a_folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.numbers = count()

    def store(self) -> LocalObjects:
        return LocalObjects(self.folder / "recordings")

    def finished(self, content: bytes) -> Path:
        path = self.folder / f"{next(self.numbers)}.partial"
        path.write_bytes(content)
        return path

    def test_a_key_that_leads_out_of_the_folder_is_not_found(self) -> None:
        self.finished(b"secret")
        with pytest.raises(NotFound):
            self.store().open(ObjectKey("../0.partial"))
