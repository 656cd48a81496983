"""Sound that MP4 cannot hold (G.711 and the like), turned into AAC. AAC and Opus never come here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import cast

import av
import av.audio.resampler
import av.packet
from av import FFmpegError
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream

from hall.errors import MediaError, SourceMalformed
from hall.media import Packet, Track

FRAME = 1024
"""Samples in one AAC frame."""
BIT_RATE = 32_000
LEAST_SAMPLES, MOST_SAMPLES = 4_000, 384_000
"""A second. Of sound with less, one packet would become minutes of it."""
SLIP_SECONDS = 0.03
"""The samples' own count may differ from the stream's times by this much before it is set right at once."""
STEEPEST = 0.005
"""A smaller difference, as of a crystal that runs wrong, is worked off by at most this share of the time."""


class SoundToAac:
    """Decodes one track and encodes it as mono AAC, keeping its times."""

    def __init__(self, track: Track) -> None:
        """Raises SourceMalformed for a codec that cannot be decoded."""
        self._source = track
        self._tick = track.time_base[0] / track.time_base[1]
        if not LEAST_SAMPLES <= track.sample_rate <= MOST_SAMPLES:
            raise SourceMalformed(f"sound with {track.sample_rate} samples a second cannot be recorded")
        rate = 16_000 if track.sample_rate <= 16_000 else 48_000
        try:
            decoder = av.CodecContext.create(track.codec, "r")
            if not isinstance(decoder, AudioCodecContext):
                raise SourceMalformed(f"{track.codec} is no sound")
            self._decoder = decoder
            self._decoder.sample_rate = track.sample_rate
            self._decoder.layout = "mono" if track.channels <= 1 else "stereo"
            self._encoder = av.CodecContext.create("aac", "w")
            self._encoder.sample_rate = rate
            self._encoder.layout = "mono"
            self._encoder.format = "fltp"
            self._encoder.bit_rate = BIT_RATE
            self._encoder.time_base = Fraction(1, rate)
            self._encoder.open()
        except (FFmpegError, ValueError) as error:
            raise SourceMalformed(f"sound in {track.codec} cannot be recorded") from error
        self._resampler = av.audio.resampler.AudioResampler("fltp", "mono", rate, frame_size=FRAME)
        self._rate = rate
        self._began: float | None = None
        self._heard = self._followed = 0
        self._made = 0
        self._last: int | None = None
        self.track = replace(
            track,
            codec="aac",
            time_base=(1, rate),
            extradata=bytes(self._encoder.extradata or b""),
            sample_rate=rate,
            channels=1,
        )

    def convert(self, packet: Packet) -> Iterator[Packet]:
        """The AAC packets that this packet completes. Raises MediaError when it cannot be decoded."""
        self._follow(packet.pts * self._tick)
        coded = cast("av.packet.Packet[AudioStream]", av.packet.Packet(packet.data))
        try:
            for frame in self._decoder.decode(coded):
                self._heard += frame.samples
                frame.pts = None
                for even in self._resampler.resample(frame):
                    even.pts = self._made
                    even.time_base = Fraction(1, self._rate)
                    self._made += even.samples
                    for made in self._encoder.encode(even):
                        known = self._packet(made.pts or 0, bytes(made), packet)
                        if self._last is None or known.pts > self._last:
                            self._last = known.pts
                            yield known
        except FFmpegError as error:
            raise MediaError(f"a packet of sound cannot be decoded: {error.strerror}") from error

    def _follow(self, at: float) -> None:
        """Keep the count of samples tied to the stream's times: lost packets leave a hole, not a shift."""
        if self._began is None:
            self._began = at
        slip = at - self._began - self._heard / self._source.sample_rate
        most = STEEPEST * (self._heard - self._followed) / self._source.sample_rate
        self._followed = self._heard
        self._began += slip if abs(slip) > SLIP_SECONDS else min(most, max(-most, slip))

    def _packet(self, count: int, data: bytes, origin: Packet) -> Packet:
        pts = round((self._began or 0.0) * self._rate) + count
        return replace(origin, data=data, pts=pts, dts=pts, duration=FRAME, is_key=True)
