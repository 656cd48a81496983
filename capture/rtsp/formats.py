"""Which of the tracks that a camera describes are understood here, and how they are read."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from capture.mp4.bits import Bits
from capture.mp4.header import AAC_RATES
from capture.mp4.parameter_sets import parameter_sets, to_annex_b
from capture.rtsp.description import Description, Media, number
from capture.rtsp.h264 import H264Pictures
from capture.rtsp.h265 import H265Pictures
from capture.rtsp.pictures import Finished as FinishedPicture
from capture.rtsp.pictures import Pictures
from capture.rtsp.sequence_parameters import SequenceParameters, sequence_parameters
from capture.rtsp.sound import AacBlocks, AccessUnitHeaders, Blocks, LatmBlocks, PlainBlocks
from capture.rtsp.sound import Finished as FinishedSound
from hall.errors import MediaError, SourceMalformed
from hall.media import Track, TrackKind

VIDEO_RATE = 90_000
_SBR, _PARALLEL_STEREO = 5, 29
_OPTIONAL_HEADERS = (
    "ctsdeltalength", "dtsdeltalength", "randomaccessindication", "streamstateindication",
    "auxiliarydatasizelength", "constantsize", "maxdisplacement",
)  # fmt: skip
_OPTIONAL_SETS = ("sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps")


class FormatNotSpoken(SourceMalformed):
    """The camera sends something that is not understood here; FFmpeg may know it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A track of pictures. `parameters` is None until the stream itself has told them."""

    media: Media
    codec: str
    extradata: bytes
    parameters: SequenceParameters | None

    def track(self, index: int) -> Track:
        """The track, as far as it is known."""
        known = self.parameters or SequenceParameters(0, 0)
        return Track(
            index=index,
            kind=TrackKind.VIDEO,
            codec=self.codec,
            time_base=(1, VIDEO_RATE),
            extradata=self.extradata,
            width=known.width,
            height=known.height,
            frame_rate=self.media.frame_rate or known.frame_rate,
        )

    def reader(self, finished: FinishedPicture) -> Pictures:
        """What makes pictures of the track's packets."""
        return H264Pictures(finished) if self.codec == "h264" else H265Pictures(finished)

    def learn(self, data: bytes) -> Picture:
        """The same with what an access unit's own parameter sets say, where they can be read."""
        sets = parameter_sets(self.codec, data)
        parameters = _read_parameters(self.codec, sets)
        if parameters is None:
            return self
        return Picture(self.media, self.codec, self.extradata or to_annex_b(sets), parameters)


@dataclass(frozen=True, slots=True)
class Sound:
    """A track of sound."""

    media: Media
    codec: str
    sample_rate: int
    channels: int
    extradata: bytes = b""
    headers: AccessUnitHeaders | None = None
    latm_ticks: int = 0

    def track(self, index: int) -> Track:
        """The track."""
        return Track(
            index=index,
            kind=TrackKind.AUDIO,
            codec=self.codec,
            time_base=(1, self.media.rate),
            extradata=self.extradata,
            sample_rate=self.sample_rate,
            channels=self.channels,
        )

    def reader(self, finished: FinishedSound) -> Blocks:
        """What makes blocks of sound of the track's packets."""
        if self.headers is not None:
            return AacBlocks(finished, self.headers)
        return LatmBlocks(finished, self.latm_ticks) if self.latm_ticks else PlainBlocks(finished)


def picture_of(description: Description) -> Picture | None:
    """The first picture, or None without any. Raises FormatNotSpoken."""
    media = description.first("video")
    if media is None:
        return None
    codec = {"H264": "h264", "H265": "hevc", "HEVC": "hevc"}.get(media.encoding)
    if codec is None or media.rate != VIDEO_RATE:
        raise FormatNotSpoken(f"the picture comes as {_name(media)}")
    if number(media, "packetization-mode", 0) > 1 or number(media, "sprop-max-don-diff", 0):
        raise FormatNotSpoken("the picture's parts come out of order")
    sets = _described_sets(media)
    return Picture(media, codec, to_annex_b(sets), _read_parameters(codec, sets))


def sound_of(description: Description) -> Sound | None:
    """The first sound, or None without any. Raises FormatNotSpoken."""
    media = description.first("audio")
    if media is None:
        return None
    if not media.rate:
        raise FormatNotSpoken(f"the sound comes as {_name(media)}")
    match media.encoding:
        case "PCMA" | "PCMU":
            codec = "pcm_alaw" if media.encoding == "PCMA" else "pcm_mulaw"
            return Sound(media, codec, media.rate, media.channels)
        case "OPUS":
            return Sound(media, "opus", 48_000, media.channels)
        case "MPEG4-GENERIC":
            return _aac(media)
        case "MP4A-LATM":
            return _latm(media)
    raise FormatNotSpoken(f"the sound comes as {_name(media)}")


def _name(media: Media) -> str:
    """What to call a format that is not known; the words are the camera's, so only harmless ones are used."""
    return media.encoding if media.encoding.replace("-", "").isalnum() else f"type {media.payload_type}"


def _described_sets(media: Media) -> list[bytes]:
    sets: list[bytes] = []
    for name in _OPTIONAL_SETS:
        for text in media.parameters.get(name, "").split(","):
            try:
                unit = base64.b64decode(text + "=" * (-len(text) % 4))
            except (binascii.Error, ValueError):
                continue
            # Some cameras put a start code before each set.
            if unit := unit.removeprefix(b"\x00").removeprefix(b"\x00\x00\x01").rstrip(b"\x00"):
                sets.append(unit)
    return sets


def _read_parameters(codec: str, sets: tuple[bytes, ...] | list[bytes]) -> SequenceParameters | None:
    for unit in sets:
        is_sequence = unit[0] & 0x1F == 7 if codec == "h264" else unit[0] >> 1 & 0x3F == 33
        if is_sequence:
            try:
                return sequence_parameters(codec, unit)
            except MediaError:
                continue
    return None


def _configuration(media: Media) -> bytes:
    try:
        return bytes.fromhex(media.parameters.get("config", ""))
    except ValueError:
        return b""


def _aac(media: Media) -> Sound:
    mode = media.parameters.get("mode", "").lower()
    size_bits = number(media, "sizelength", 0)
    if mode not in ("aac-hbr", "aac-lbr") or not 0 < size_bits <= 24:
        raise FormatNotSpoken("the sound comes as AAC in a mode that is not known")
    if any(number(media, name, 0) for name in _OPTIONAL_HEADERS):
        raise FormatNotSpoken("the sound comes as AAC with headers that are not known")
    index_bits, delta_bits = number(media, "indexlength", 0), number(media, "indexdeltalength", 0)
    if max(index_bits, delta_bits) > 24:
        raise FormatNotSpoken("the sound comes as AAC with headers that are not known")
    configuration = _configuration(media)
    core, rate, channels, samples = _specific(configuration)
    headers = AccessUnitHeaders(size_bits, index_bits, delta_bits, samples * media.rate // core)
    return Sound(media, "aac", rate, channels or media.channels, configuration, headers)


def _latm(media: Media) -> Sound:
    """StreamMuxConfig of one program with one layer, whose AAC-LC configuration takes two bytes."""
    content = _configuration(media)
    if media.parameters.get("cpresent", "1") != "0" or len(content) < 4:
        raise FormatNotSpoken("the sound comes as LATM that is configured in the stream")
    whole = int.from_bytes(content, "big")
    left = len(content) * 8
    if whole >> left - 15 & 0x607F != 0x2000:
        raise FormatNotSpoken("the sound comes as LATM of several parts")
    configuration = (whole >> left - 31 & 0xFFFF).to_bytes(2, "big")
    core, rate, channels, samples = _specific(configuration)
    if configuration[0] >> 3 != 2:
        raise FormatNotSpoken("the sound comes as LATM that is not AAC-LC")
    return Sound(media, "aac", rate, channels, configuration, latm_ticks=samples * media.rate // core)


def _specific(configuration: bytes) -> tuple[int, int, int, int]:
    """Of an AudioSpecificConfig: core sample rate, sample rate, channels, and core samples in a block.

    Raises FormatNotSpoken.
    """
    bits = Bits(configuration)
    try:
        kind = bits.take(5)
        core = rate = _sample_rate(bits)
        channels = bits.take(4)
        if kind in (_SBR, _PARALLEL_STEREO):
            rate = _sample_rate(bits)
            kind = bits.take(5)
        samples = 960 if bits.take(1) else 1024
    except MediaError:
        raise FormatNotSpoken("the sound comes as AAC without its configuration") from None
    if kind != 2 or not core or not rate:
        raise FormatNotSpoken("the sound comes as AAC of a kind that is not known")
    return core, rate, 8 if channels == 7 else channels, samples


def _sample_rate(bits: Bits) -> int:
    index = bits.take(4)
    if index == 15:
        return bits.take(24)
    return AAC_RATES[index] if index < len(AAC_RATES) else 0
