"""Descriptions of real and odd cameras are understood, refused with a reason, or left to FFmpeg."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.rtsp.description import MOST_MEDIA, parse
from capture.rtsp.formats import FormatNotSpoken, picture_of, sound_of
from hall.errors import SourceMalformed
from hall.media import TrackKind

CAMERA = b"""v=0
o=- 1 1 IN IP4 10.0.0.8
s=camera
t=0 0
a=control:rtsp://10.0.0.8/main/
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=framerate:25.0
a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z00AKI2NQDwBE/LgLcBAQFAAAAMAEAAAAwMo8YMRlg==,aO44gA==
a=control:trackID=1
m=audio 0 RTP/AVP 97
a=rtpmap:97 mpeg4-generic/48000/2
a=fmtp:97 streamtype=5;mode=AAC-hbr;config=1190;SizeLength=13;IndexLength=3;IndexDeltaLength=3
a=control:trackID=2
m=application 0 RTP/AVP 107
a=rtpmap:107 vnd.onvif.metadata/90000
"""


def sound(lines: str) -> bytes:
    return f"v=0\r\nm=audio 0 RTP/AVP {lines}\r\n".encode()


def picture(lines: str) -> bytes:
    return f"v=0\r\nm=video 0 RTP/AVP {lines}\r\n".encode()


def test_a_cameras_tracks_are_understood() -> None:
    description = parse(CAMERA)
    found, heard = picture_of(description), sound_of(description)
    assert found is not None
    assert heard is not None
    track = found.track(0)
    assert (track.kind, track.codec, track.width, track.height) == (TrackKind.VIDEO, "h264", 1920, 1080)
    assert track.frame_rate == 25.0
    assert track.extradata.count(b"\0\0\0\1") == 2
    track = heard.track(1)
    assert (track.codec, track.sample_rate, track.channels) == ("aac", 48_000, 2)
    assert track.extradata == bytes.fromhex("1190")
    assert description.control == "rtsp://10.0.0.8/main/"
    assert [media.control for media in description.media] == ["trackID=1", "trackID=2", ""]


@pytest.mark.parametrize(
    ("lines", "codec", "rate", "channels"),
    [
        ("0", "pcm_mulaw", 8000, 1),
        ("8", "pcm_alaw", 8000, 1),
        ("104\r\na=rtpmap:104 PCMA/16000/1", "pcm_alaw", 16_000, 1),
        ("98\r\na=rtpmap:98 opus/48000/2", "opus", 48_000, 2),
        (
            "97\r\na=rtpmap:97 MP4A-LATM/48000/2\r\na=fmtp:97 cpresent=0;object=2;config=400023203FC0",
            "aac", 48_000, 2,
        ),
    ],
)  # fmt: skip
def test_sound_of_every_kind_is_understood(lines: str, codec: str, rate: int, channels: int) -> None:
    heard = sound_of(parse(sound(lines)))
    assert heard is not None
    assert (heard.codec, heard.sample_rate, heard.channels) == (codec, rate, channels)


def test_aac_with_spectral_band_replication_counts_blocks_in_the_clock_of_rtp() -> None:
    lines = "97\r\na=rtpmap:97 mpeg4-generic/48000/2\r\na=fmtp:97 mode=AAC-hbr;config=2B118800;sizelength=13"
    heard = sound_of(parse(sound(lines)))
    assert heard is not None
    assert heard.sample_rate == 48_000
    assert heard.headers is not None
    assert heard.headers.ticks == 2048


@pytest.mark.parametrize(
    "lines",
    [
        "26", "96\r\na=rtpmap:96 MP4V-ES/90000", "96", "96\r\na=rtpmap:96 H264/0",
        "96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=2",
        "96\r\na=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-max-don-diff=2",
    ],
)  # fmt: skip
def test_a_picture_that_is_not_understood_is_left_to_ffmpeg(lines: str) -> None:
    with pytest.raises(FormatNotSpoken):
        picture_of(parse(picture(lines)))


@pytest.mark.parametrize(
    "lines",
    [
        "14", "96\r\na=rtpmap:96 L16/48000", "96", "96\r\na=rtpmap:96 mpeg4-generic/48000",
        "96\r\na=rtpmap:96 mpeg4-generic/48000\r\na=fmtp:96 mode=AAC-hbr;sizelength=13",
        "96\r\na=rtpmap:96 mpeg4-generic/48000\r\na=fmtp:96 mode=AAC-hbr;sizelength=13;config=zz",
        "96\r\na=rtpmap:96 mpeg4-generic/48000\r\n"
        "a=fmtp:96 mode=AAC-hbr;sizelength=13;config=1190;CTSDeltaLength=2",
        "96\r\na=rtpmap:96 MP4A-LATM/48000\r\na=fmtp:96 config=400023203FC0",
        "96\r\na=rtpmap:96 MP4A-LATM/48000\r\na=fmtp:96 cpresent=0;config=401023203FC0",
    ],
)  # fmt: skip
def test_sound_that_is_not_understood_is_left_to_ffmpeg(lines: str) -> None:
    with pytest.raises(FormatNotSpoken):
        sound_of(parse(sound(lines)))


def test_parameter_sets_that_are_none_are_left_for_the_stream_to_tell() -> None:
    lines = "96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=%%%,,Zw==,AAAAAWdC"
    found = picture_of(parse(picture(lines)))
    assert found is not None
    assert found.parameters is None


def test_a_description_without_media_has_neither() -> None:
    description = parse(b"v=0\r\ns=nothing\r\n")
    assert picture_of(description) is None
    assert sound_of(description) is None


def test_a_description_of_more_than_a_camera_can_have_is_malformed() -> None:
    with pytest.raises(SourceMalformed):
        parse(b"m=video 0 RTP/AVP 96\n" * (MOST_MEDIA + 1))
    with pytest.raises(SourceMalformed):
        parse(b"a=x\n" * 5000)


words = st.sampled_from(
    ["m=video 0 RTP/AVP 96", "m=audio 0 RTP/AVP 97", "m=", "a=rtpmap:96 H264/90000", "a=rtpmap:96 H265/90000",
     "a=rtpmap:97 MPEG4-GENERIC/8000", "a=rtpmap:97 MP4A-LATM/8000", "a=framerate:", "a=framerate:1e999"]
)  # fmt: skip
settings = st.builds(
    "a=fmtp:{} {}={};config={};sizelength=13;mode=AAC-hbr;cpresent=0".format,
    st.sampled_from((96, 97)),
    st.sampled_from(("sprop-parameter-sets", "sprop-sps", "sizelength", "indexlength")),
    st.text(max_size=20),
    st.binary(max_size=12).map(bytes.hex),
)


@given(lines=st.lists(st.one_of(words, settings, st.text(max_size=40)), max_size=20))
def test_any_description_is_understood_or_refused(lines: list[str]) -> None:
    try:
        description = parse("\r\n".join(lines).encode())
        picture_of(description)
        sound_of(description)
    except SourceMalformed as error:
        assert str(error)  # noqa: PT017 - of either kind: that it was refused is enough
