"""The sound of a live view: what WebRTC knows passes as it is, everything else becomes Opus."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from hall.errors import MediaError
from hall.media import Packet, Track

if TYPE_CHECKING:
    from av.stream import Stream

    Coded = av.Packet[Stream]

OPUS_RATE = 48_000
OPUS_SAMPLES = 960
"""20 ms."""
OPUS_BITS = 32_000

PASSED = {"opus": "audio/opus", "pcm_alaw": "audio/PCMA", "pcm_mulaw": "audio/PCMU"}


def mime_type(track: Track) -> str:
    """As what a track's sound travels to the browser."""
    return PASSED[track.codec] if passes(track) else "audio/opus"


def passes(track: Track) -> bool:
    """True when the sound needs no transcoding: Opus, or telephone sound at its usual rate."""
    if track.codec == "opus":
        return True
    return track.codec in PASSED and track.sample_rate in (0, 8000) and track.channels in (0, 1)


class OpusTranscoder:
    """Turns one track's packets into Opus packets of 20 ms. For one run: times must not step back."""

    def __init__(self, track: Track) -> None:
        """Raises MediaError for a codec that cannot be decoded."""
        self._time_base = Fraction(*track.time_base)
        try:
            decoder = av.CodecContext.create(track.codec, "r")
            encoder = av.CodecContext.create("libopus", "w")
        except (ValueError, FFmpegError) as error:
            raise MediaError(f"sound of the kind '{track.codec}' cannot be decoded") from error
        if not isinstance(decoder, AudioCodecContext) or not isinstance(encoder, AudioCodecContext):
            raise MediaError(f"'{track.codec}' is no sound")
        if track.extradata:
            decoder.extradata = track.extradata
        if track.codec.startswith("pcm_"):
            decoder.sample_rate = track.sample_rate or 8000
            decoder.layout = "stereo" if track.channels == 2 else "mono"
        encoder.sample_rate = OPUS_RATE
        encoder.layout = "mono"
        encoder.format = "s16"
        encoder.bit_rate = OPUS_BITS
        encoder.time_base = Fraction(1, OPUS_RATE)
        encoder.options = {"application": "lowdelay"}
        self._decoder, self._encoder = decoder, encoder
        self._resampler = AudioResampler("s16", "mono", OPUS_RATE, OPUS_SAMPLES)

    def convert(self, packet: Packet) -> Iterator[Coded]:
        """The Opus packets that a packet completes. Raises MediaError for damaged sound."""
        coded = av.Packet(packet.data)
        coded.pts = coded.dts = packet.pts
        coded.time_base = self._time_base
        try:
            for decoded in self._decoder.decode(coded):
                for frame in self._resampler.resample(decoded):
                    for opus in self._encoder.encode(frame):
                        opus.time_base = Fraction(1, OPUS_RATE)
                        yield opus
        except FFmpegError as error:
            raise MediaError(f"the sound cannot be decoded: {error}") from error
