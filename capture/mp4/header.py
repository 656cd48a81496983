"""The start of a segment file: which tracks it has and what it is (ftyp and moov)."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from capture.mp4.boxes import box, full_box
from capture.mp4.parameter_sets import decoder_configuration
from hall.errors import MediaError
from hall.media import Track, TrackKind

VIDEO_CODECS = ("h264", "hevc")
AUDIO_CODECS = ("aac", "opus")
IDENTITY = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def timescale(track: Track) -> int:
    """Ticks a second of a track in the file: those of its own time base where that is a whole number."""
    numerator, denominator = track.time_base
    return denominator // numerator if denominator % numerator == 0 else 90_000


def file_header(tracks: Sequence[Track], comment: str) -> bytes:
    """The boxes ftyp and moov for `tracks` (their ids count from 1 in this order), with the file's comment.

    Raises MediaError for a codec that cannot be kept in MP4, or one whose private data is missing.
    """
    moov = box(
        b"moov",
        full_box(
            b"mvhd",
            0,
            0,
            struct.pack(">IIIIIH10x", 0, 0, 1000, 0, 0x10000, 0x100),
            IDENTITY,
            bytes(24),
            struct.pack(">I", len(tracks) + 1),
        ),
        *(_trak(number, track) for number, track in enumerate(tracks, start=1)),
        box(
            b"mvex",
            *(full_box(b"trex", 0, 0, struct.pack(">5I", n, 1, 0, 0, 0)) for n in range(1, len(tracks) + 1)),
        ),
        _comment(comment),
    )
    return box(b"ftyp", b"iso6", struct.pack(">I", 512), b"iso6iso5isommp41") + moov


def _trak(number: int, track: Track) -> bytes:
    is_video = track.kind is TrackKind.VIDEO
    size = struct.pack(">II", track.width << 16, track.height << 16) if is_video else bytes(8)
    handler, name = (b"vide", b"picture\0") if is_video else (b"soun", b"sound\0")
    media_header = full_box(b"vmhd", 0, 1, bytes(8)) if is_video else full_box(b"smhd", 0, 0, bytes(4))
    return box(
        b"trak",
        full_box(
            b"tkhd",
            0,
            3,
            struct.pack(">IIIII8xHHHH", 0, 0, number, 0, 0, 0, 0, 0 if is_video else 0x100, 0),
            IDENTITY,
            size,
        ),
        box(
            b"mdia",
            full_box(b"mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, timescale(track), 0, 0x55C4, 0)),
            full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name),
            box(
                b"minf",
                media_header,
                box(b"dinf", full_box(b"dref", 0, 0, struct.pack(">I", 1), full_box(b"url ", 0, 1))),
                box(
                    b"stbl",
                    full_box(b"stsd", 0, 0, struct.pack(">I", 1), _sample_entry(track)),
                    full_box(b"stts", 0, 0, bytes(4)),
                    full_box(b"stsc", 0, 0, bytes(4)),
                    full_box(b"stsz", 0, 0, bytes(8)),
                    full_box(b"stco", 0, 0, bytes(4)),
                ),
            ),
        ),
    )


def _sample_entry(track: Track) -> bytes:
    if track.codec == "h264":
        return _picture(track, b"avc1", box(b"avcC", decoder_configuration("h264", track.extradata)))
    if track.codec == "hevc":
        return _picture(track, b"hvc1", box(b"hvcC", decoder_configuration("hevc", track.extradata)))
    if track.codec == "aac":
        return _sound(track, b"mp4a", _esds(track), track.sample_rate)
    if track.codec == "opus":
        return _sound(track, b"Opus", _dops(track), 48_000)
    raise MediaError(f"{track.codec} cannot be kept in MP4")


def _picture(track: Track, kind: bytes, configuration: bytes) -> bytes:
    return box(
        kind,
        struct.pack(">6xH16xHHII4xH32xHh", 1, track.width, track.height, 0x480000, 0x480000, 1, 24, -1),
        configuration,
    )


def _sound(track: Track, kind: bytes, configuration: bytes, rate: int) -> bytes:
    # The field holds 16 bits; a higher rate stands in the codec's own configuration only.
    shown = rate << 16 if rate < 1 << 16 else 0
    return box(kind, struct.pack(">6xH8xHH4xI", 1, track.channels or 1, 16, shown), configuration)


def _esds(track: Track) -> bytes:
    specific = track.extradata or audio_specific_config(track.sample_rate, track.channels)
    decoder = _descriptor(4, struct.pack(">BB3xII", 0x40, 0x15, 0, 0) + _descriptor(5, specific))
    return full_box(
        b"esds", 0, 0, _descriptor(3, struct.pack(">HB", 1, 0) + decoder + _descriptor(6, b"\x02"))
    )


def _descriptor(tag: int, content: bytes) -> bytes:
    size = len(content)
    return (
        bytes((tag, size >> 21 & 0x7F | 0x80, size >> 14 & 0x7F | 0x80, size >> 7 & 0x7F | 0x80, size & 0x7F))
        + content
    )


def audio_specific_config(rate: int, channels: int) -> bytes:
    """The private data of plain AAC-LC. Raises MediaError for a rate that AAC does not have."""
    if rate not in AAC_RATES:
        raise MediaError(f"AAC has no sample rate of {rate} Hz")
    return struct.pack(">H", 2 << 11 | AAC_RATES.index(rate) << 7 | channels << 3)


def _dops(track: Track) -> bytes:
    channels, rate, gain = track.channels or 2, track.sample_rate or 48_000, 0
    if track.extradata.startswith(b"OpusHead") and len(track.extradata) >= 19:
        channels, rate, gain = struct.unpack_from("<xB2xIh", track.extradata, 8)
    if channels > 2:
        raise MediaError("opus with more than two channels cannot be kept")
    # Nothing is to be skipped at the start: a segment begins in the middle of the sound, and its first
    # samples were heard. A stream's own pre-skip counts from a start that no segment has.
    return box(b"dOps", struct.pack(">BBHIhB", 0, channels, 0, rate, gain, 0))


def _comment(text: str) -> bytes:
    handler = full_box(b"hdlr", 0, 0, bytes(4), b"mdirappl", bytes(9))
    data = box(b"data", struct.pack(">II", 1, 0), text.encode())
    return box(b"udta", full_box(b"meta", 0, 0, handler, box(b"ilst", box(b"\xa9cmt", data))))
