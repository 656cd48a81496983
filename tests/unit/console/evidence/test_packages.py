"""Packages: what was signed can be checked on any machine, and what was changed is named to the block."""

from __future__ import annotations

import random
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from console.evidence import contents
from console.evidence.contents import BLOCK, Clip, Manifest, Marks, Source
from console.evidence.package import Package
from console.evidence.signing import fingerprint, public_pem, signing_key
from console.evidence.verifying import Fault, Finding, Verified, verify
from hall.errors import EvidenceError
from hall.names import CameraId, HallId, RunId, SegmentId
from hall.place import Text

AT = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
CLIP = random.Random(1).randbytes(2 * BLOCK + 1000)
FACTS = '{"periods":[],"名":"大厅"}'.encode()


def manifest(package: Package, *clips: Clip) -> Manifest:
    return Manifest(
        id="e1",
        hall=HallId("gulou"),
        hall_name=Text(zh="鼓楼区政务服务中心", en="Gulou service hall"),
        case="2026-17",
        reason="投诉：窗口无人",
        made_by="wang",
        made_at=AT,
        marks=Marks(AT, AT, (CameraId("cam-1"),)),
        clips=clips,
        files=tuple(package.files),
        key=fingerprint(KEY.public_key()),
        program="hallwatch 0",
    )


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of a clip of two blocks and a bit, and of facts."""
    path = tmp_path / "evidence.zip"
    with Package(path, AT) as made:
        with made.adding("clips/cam-1-1.mp4") as write:
            for place in range(0, len(CLIP), 70_001):
                write(CLIP[place : place + 70_001])
        made.add("facts.json", FACTS)
        made.finish(manifest(made), KEY, lambda _: None)
    return path


def unpacked(package: Path) -> Path:
    folder = package.with_suffix("")
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    return folder


def only(verified: Verified) -> Finding:
    assert not verified.holds
    [finding] = verified.findings
    return finding


def changed_at(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


def test_a_package_that_nobody_touched_holds(package: Path) -> None:
    verified = verify(package)
    assert verified.holds
    assert verified.is_trusted is None
    assert verified.manifest.reason == "投诉：窗口无人"
    assert verified.manifest.files[0].size == len(CLIP)
    assert len(verified.manifest.files[0].blocks) == 3


def test_it_holds_unpacked_as_well(package: Path) -> None:
    assert verify(unpacked(package)).holds


def test_the_known_key_is_trusted_and_another_is_not(package: Path) -> None:
    assert verify(package, KEY.public_key()).is_trusted is True
    stranger = Ed25519PrivateKey.generate().public_key()
    verified = verify(package, stranger)
    assert verified.is_trusted is False
    assert verified.findings == ()
    assert not verified.holds


@pytest.mark.parametrize(
    ("place", "start", "end"),
    [(0, 0, BLOCK), (BLOCK - 1, 0, BLOCK), (BLOCK, BLOCK, 2 * BLOCK), (len(CLIP) - 1, 2 * BLOCK, len(CLIP))],
)
def test_a_changed_byte_is_found_in_its_block_in_the_archive_and_unpacked(
    package: Path, place: int, start: int, end: int
) -> None:
    folder = unpacked(package)
    changed_at(folder / "clips" / "cam-1-1.mp4", place)
    raw = package.read_bytes()
    changed_at(package, raw.index(CLIP[:100]) + place)
    for finding in (only(verify(folder)), only(verify(package))):
        assert finding.fault is Fault.CHANGED
        assert finding.path == "clips/cam-1-1.mp4"
        assert (finding.start, finding.end) == (start, end)
        assert f"bytes {start} to {end - 1}" in finding.text


@pytest.mark.parametrize("kept", [0, 1, BLOCK, BLOCK + 5, len(CLIP) - 1])
def test_a_shortened_file_is_told_with_where_it_ends(package: Path, kept: int) -> None:
    clip = unpacked(package) / "clips" / "cam-1-1.mp4"
    clip.write_bytes(CLIP[:kept])
    finding = only(verify(clip.parent.parent))
    assert (finding.fault, finding.start, finding.end) == (Fault.CHANGED, kept, len(CLIP))


def test_a_lengthened_file_is_told_with_where_it_should_end(package: Path) -> None:
    clip = unpacked(package) / "clips" / "cam-1-1.mp4"
    clip.write_bytes(CLIP + b"more")
    finding = only(verify(clip.parent.parent))
    assert (finding.fault, finding.start) == (Fault.CHANGED, len(CLIP))


def test_missing_and_added_files_are_named(package: Path) -> None:
    folder = unpacked(package)
    (folder / "facts.json").rename(folder / "other.json")
    findings = verify(folder).findings
    assert [(one.fault, one.path) for one in findings] == [
        (Fault.MISSING, "facts.json"),
        (Fault.ADDED, "other.json"),
    ]


def test_a_manifest_that_was_rewritten_does_not_fit_its_signature(package: Path) -> None:
    folder = unpacked(package)
    path = folder / contents.MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"made_by":"wang"', b'"made_by":"li"'))
    assert only(verify(folder)).fault is Fault.SIGNATURE


def test_signing_again_with_another_key_shows_in_the_fingerprint(package: Path) -> None:
    folder = unpacked(package)
    forger = Ed25519PrivateKey.generate()
    forged = contents.encode(
        replace(contents.decode((folder / contents.MANIFEST).read_bytes()), made_by="li")
    )
    (folder / contents.MANIFEST).write_bytes(forged)
    (folder / contents.SIGNATURE).write_bytes(forger.sign(forged))
    (folder / contents.PUBLIC_KEY).write_bytes(public_pem(forger.public_key()))
    verified = verify(folder, KEY.public_key())
    assert only(verified).fault is Fault.KEY
    assert verified.is_trusted is False


def test_a_source_that_had_changed_before_is_a_finding(tmp_path: Path) -> None:
    source = Source(SegmentId("s1"), RunId("r1"), bytes(32), False, ((0, 10),), b"\x01" * 32)
    clip = Clip("clips/a.mp4", CameraId("cam-1"), AT, AT, 1.0, 0.0, 1.0, True, True, (source,))
    path = tmp_path / "evidence.zip"
    with Package(path, AT) as made:
        made.add("clips/a.mp4", b"clip")
        made.finish(manifest(made, clip), KEY, lambda _: None)
    finding = only(verify(path))
    assert (finding.fault, finding.path) == (Fault.SOURCE, "clips/a.mp4")
    assert "s1" in finding.text


@pytest.mark.parametrize("content", [b"", b"no package", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_package_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.zip"
    path.write_bytes(content)
    with pytest.raises(EvidenceError):
        verify(path)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(EvidenceError, match=r"manifest\.json is missing"):
        verify(folder)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (b'"version":1', b'"version":2', "version 2"),
        (b'"format":"hallwatch-evidence"', b'"format":"other"', "not that of an evidence package"),
        (b'"made_by":"wang"', b'"made_by":7', "made_by"),
        (b'"size":', b'"seize":', "size"),
        (b"{", b"", "not JSON"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_told_with_its_member(
    package: Path, before: bytes, after: bytes, told: str
) -> None:
    folder = unpacked(package)
    path = folder / contents.MANIFEST
    path.write_bytes(path.read_bytes().replace(before, after, 1))
    with pytest.raises(EvidenceError, match=told):
        verify(folder)


def test_a_compressed_archive_is_refused(package: Path, tmp_path: Path) -> None:
    folder, bomb = unpacked(package), tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    with pytest.raises(EvidenceError, match="compressed"):
        verify(bomb)


def test_any_damage_to_the_archive_ends_in_a_finding_or_an_error(package: Path) -> None:
    chance = random.Random(3)
    raw = package.read_bytes()
    ends = [*range(len(raw) - 2500, len(raw)), *(chance.randrange(len(raw)) for _ in range(40))]
    for place in chance.sample(ends, 120):
        damaged = bytearray(raw)
        damaged[place] ^= chance.randrange(1, 256)
        package.write_bytes(damaged)
        try:
            verified = verify(package)
        except EvidenceError:
            continue
        unharmed = verified.manifest == contents.decode(contents.encode(verified.manifest))
        assert unharmed
        if verified.holds:
            assert _same_content(package, raw), f"byte {place} was changed and nobody noticed"


def _same_content(package: Path, raw: bytes) -> bool:
    """True when every file of the archive still has the bytes that were packed: only a date changed."""
    inside = package.read_bytes()
    return CLIP in inside and FACTS in inside and inside.count(b"PK\x03\x04") == raw.count(b"PK\x03\x04")


def test_a_package_that_was_broken_off_leaves_nothing(tmp_path: Path) -> None:
    with Package(tmp_path / "evidence.zip", AT) as made:
        made.add("facts.json", FACTS)
    assert list(tmp_path.iterdir()) == []


def test_a_signing_key_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "evidence" / "signing.pem"
    first = signing_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert fingerprint(signing_key(path).public_key()) == fingerprint(first.public_key())
    assert [one.name for one in path.parent.iterdir()] == ["signing.pem"]


def test_a_signing_key_that_cannot_be_used_is_told_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    path.write_text("no key", encoding="utf-8")
    with pytest.raises(EvidenceError, match=r"signing\.pem"):
        signing_key(path)
    with pytest.raises(EvidenceError, match=r"signing\.pem"):
        signing_key(path / "signing.pem")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="OpenSSL's command is not installed")
def test_another_program_agrees_about_the_signature(package: Path) -> None:
    folder = unpacked(package)
    told = subprocess.run(
        [
            *("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", contents.PUBLIC_KEY, "-rawin"),
            *("-in", contents.MANIFEST, "-sigfile", contents.SIGNATURE),
        ],
        cwd=folder,
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert told.returncode == 0, told.stderr
