"""What a picture's parameter sets say, and when they change in the middle of a stream."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from capture.mp4.parameter_sets import H264_SPS, HEVC_SPS, is_complete, parameter_sets, to_annex_b
from capture.rtsp.sequence_parameters import sequence_parameters
from hall.errors import MediaError
from hall.media import Packet, Track


class PictureWatch:
    """Follows the parameter sets of one track of pictures.

    Those in the stream count more than those in the camera's description, which some cameras get wrong.
    """

    def __init__(self, track: Track) -> None:
        self.track = track
        """As the newest key frame has it."""
        self._known = frozenset(parameter_sets(track.codec, track.extradata))

    def has_changed(self, packet: Packet) -> bool:
        """Look at a key frame: true when it is coded otherwise than the one before; `track` then says how.

        A key frame without parameter sets, or with some of those that are known, changes nothing.
        """
        codec = self.track.codec
        found = parameter_sets(codec, packet.data)
        if not found or self._known.issuperset(found):
            return False
        whole = found if is_complete(codec, found) else self._completed(found)
        if not is_complete(codec, whole):
            return False
        self.track = _described(self.track, whole)
        self._known = frozenset(whole)
        return True

    def _completed(self, found: Sequence[bytes]) -> tuple[bytes, ...]:
        """The sets found, with those that are known of the kinds that were not."""
        kinds = {_kind(self.track.codec, unit) for unit in found}
        known = parameter_sets(self.track.codec, self.track.extradata)
        others = [unit for unit in known if _kind(self.track.codec, unit) not in kinds]
        return tuple(sorted([*others, *found], key=lambda unit: _kind(self.track.codec, unit)))


def _kind(codec: str, unit: bytes) -> int:
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def _described(track: Track, sets: Sequence[bytes]) -> Track:
    width, height = track.width, track.height
    sequence = H264_SPS if track.codec == "h264" else HEVC_SPS
    for unit in sets:
        if _kind(track.codec, unit) == sequence:
            # A size that cannot be read leaves the one that is known: decoders read the set themselves.
            with suppress(MediaError):
                said = sequence_parameters(track.codec, unit)
                width, height = said.width, said.height
    return replace(track, extradata=to_annex_b(sets), width=width, height=height)
