"""Every object store passes the suite for object stores."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import obstore
import pytest

from capture.archive.objects import PART, S3Objects
from capture.record.objects import LocalObjects
from hall.errors import ArchiveUnreachable, NotFound, RecordingError, RecordingRefused
from hall.names import ObjectKey
from hall.testing import ObjectStoreSuite
from tests.s3_server import ENVIRONMENT, SECRET, S3Server, way


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


class TestS3Objects(ObjectStoreSuite):
    """Files in a bucket of a real S3 server."""

    @pytest.fixture(autouse=True)
    def _have_a_bucket(self, s3_server: S3Server, tmp_path: Path) -> None:
        self.server = s3_server
        self.settings = s3_server.settings()
        self.folder = tmp_path
        self.numbers = count()

    def store(self) -> S3Objects:
        return S3Objects(self.settings, ENVIRONMENT, patience=10)

    def finished(self, content: bytes) -> Path:
        path = self.folder / f"{next(self.numbers)}.mp4"
        path.write_bytes(content)
        return path

    def test_a_file_of_several_parts_is_read_back_whole_and_by_ranges(self) -> None:
        store, content = self.store(), b"".join(number.to_bytes(4, "big") for number in range(PART // 3))
        assert len(content) > PART
        store.put(self.KEY, self.finished(content))
        with store.open(self.KEY) as file:
            assert file.read() == content
        for start, end in ((PART - 7, PART + 7), (0, PART), (3_000_001, 3_000_002), (PART, len(content))):
            with store.open(self.KEY, (start, end)) as part:
                assert part.read() == content[start:end]

    def test_a_reader_may_go_to_any_place(self) -> None:
        store, content = self.store(), b"".join(number.to_bytes(4, "big") for number in range(1_300_000))
        store.put(self.KEY, self.finished(content))
        with store.open(self.KEY, (1000, 5_000_000)) as part:
            assert part.seek(0, 2) == 4_999_000
            assert part.read() == b""
            for place in (4_998_990, 0, 2_500_000, 2_097_140):
                assert part.seek(place) == place
                assert part.read(20) == content[1000:5_000_000][place : place + 20]

    @pytest.mark.parametrize(
        "key", ["cam-1/2026/一号 机 +&=?#%25;'~!()*.mp4", "cam-1/$dollar@home,ok:1.mp4", "cam-1/e\u0301.mp4"]
    )
    def test_keys_may_hold_any_character_that_prints(self, key: str) -> None:
        store = self.store()
        store.put(ObjectKey(key), self.finished(b"content"))
        with store.open(ObjectKey(key), (1, 4)) as part:
            assert part.read() == b"ont"
        store.delete(ObjectKey(key))
        assert self.server.keys(self.settings) == []

    def test_a_key_that_leads_elsewhere_is_refused(self) -> None:
        with pytest.raises(RecordingError):
            self.store().put(ObjectKey("../../other/one.mp4"), self.finished(b"content"))

    def test_everything_lies_under_the_prefix(self) -> None:
        self.store().put(self.KEY, self.finished(b"content"))
        every = [meta["path"] for page in obstore.list(self.server.client()) for meta in page]
        assert [key for key in every if self.settings.prefix in key] == [f"{self.settings.prefix}/{self.KEY}"]

    def test_wrong_keys_are_told_with_the_bucket_and_without_the_secret(self) -> None:
        store = S3Objects(self.settings, {"ARCHIVE_SECRET": "a-wrong-secret"})
        for attempt in (
            lambda: store.put(self.KEY, self.finished(b"content")),
            lambda: store.open(self.KEY),
            lambda: store.delete(self.KEY),
        ):
            with pytest.raises(ArchiveUnreachable) as refused:
                attempt()
            assert self.settings.bucket in str(refused.value)
            assert "secret_key" in str(refused.value)
            assert "a-wrong-secret" not in str(refused.value)
            assert refused.value.__cause__ is None

    def test_a_secret_that_is_not_set_is_named(self) -> None:
        with pytest.raises(ArchiveUnreachable, match="ARCHIVE_SECRET"):
            S3Objects(self.settings, {"ARCHIVE_SECRET": ""}).open(self.KEY)

    def test_nothing_that_is_printed_of_a_store_tells_the_secret(self) -> None:
        store = self.store()
        store.delete(self.KEY)
        assert SECRET not in f"{store!r} {store._store()!r} {store._store().config}"

    def test_a_bucket_that_does_not_exist_is_no_missing_file(self) -> None:
        self.settings = self.settings.model_copy(update={"bucket": "of-somebody-else"})
        with pytest.raises(ArchiveUnreachable, match="no bucket"):
            self.store().open(self.KEY)

    def test_a_server_that_is_gone_is_told_in_bounded_time(self) -> None:
        with way(self.server) as to_server:
            settings = self.server.settings(to_server.port)
            store = S3Objects(settings, ENVIRONMENT, patience=2)
            store.put(self.KEY, self.finished(b"content"))
            to_server.cut()
            with pytest.raises(ArchiveUnreachable, match="cannot be used now"):
                store.open(self.KEY)

    def test_a_copy_that_arrived_damaged_is_refused(self) -> None:
        with way(self.server) as to_server:
            store = S3Objects(self.server.settings(to_server.port), ENVIRONMENT)
            to_server.damage(b"good", b"evil")
            with pytest.raises(RecordingError, match="not what was sent"):
                store.put(self.KEY, self.finished(b"all is good here"))

    @pytest.mark.parametrize("size", [100, PART + 100])
    def test_a_local_file_that_is_not_the_one_entered_is_not_taken(self, size: int) -> None:
        store = self.store()
        with pytest.raises(RecordingRefused):
            store.put_verified(self.KEY, self.finished(bytes(size)), bytes(32))
        assert not self._has(store, self.KEY)

    def test_a_file_that_changes_while_it_is_read_is_not_mixed(self) -> None:
        store, size = self.store(), 5_000_000
        store.put(self.KEY, self.finished(b"a" * size))
        with store.open(self.KEY) as file:
            assert file.read(10) == b"a" * 10
            store.put(self.KEY, self.finished(b"b" * size))
            with pytest.raises(ArchiveUnreachable):
                file.read()
