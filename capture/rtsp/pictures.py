"""Coded pictures out of RTP packets: what H.264 (RFC 6184) and H.265 (RFC 7798) have in common.

A picture ends with its last packet's marker, or where the RTP time changes. Cameras that set the marker
wrongly (on every NAL unit, or never) are found out on the first pictures, which are handed over only when
the time changes; after that the marker is believed until it is wrong.

A NAL unit of which a packet is missing is dropped. What is left of its picture is handed over while it
still shows something, but never as a key frame.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from hall.errors import SourceMalformed

START_CODE = b"\x00\x00\x00\x01"
LARGEST_PICTURE = 16 * 1024 * 1024
"""Bytes; a camera that sends more without an end does not send pictures."""
RESTART = 3000
"""A leap of the sequence numbers beyond this is a new start of the camera's, not loss."""
PICTURES_TO_TRUST = 3
"""So many pictures in a row must end with their marker, before it is believed."""
NEVER = -(1 << 40)
"""Of trust: the marker of this camera means something else."""

Finished = Callable[[int, bytes, bool, tuple[int, ...]], None]
"""Takes one access unit: RTP time, data, whether a decoder can begin with it, and its NAL units' sizes."""


class Pictures(ABC):
    """Puts access units together (Annex B, start codes of four bytes) and hands them over."""

    def __init__(self, finished: Finished) -> None:
        self._finished = finished
        self.lost = 0
        """RTP packets that did not come, or could not be read; who reads it sets it back."""
        self._expected = -1
        self._stamp = -1
        self._parts: list[bytes | bytearray] = []
        self._size = 0
        self._units: list[int] = []
        """Sizes of the NAL units in `_parts` that are whole."""
        self._open_at = -1
        """Where in `_parts` an unfinished NAL unit begins; -1 while there is none."""
        self._open_kind = 0
        self._marked = False
        self._trust = 0
        self._has_picture = False
        self._is_handed_over = False
        self._is_key = False
        self._is_damaged = False
        self._is_start_unsure = False
        """After loss: a picture that does not begin with its first slice lost its beginning."""
        self._is_same_time_unsure = False
        """After a believed marker: the next slice shows whether a time is repeated, or the marker lied."""

    @abstractmethod
    def take(self, buffer: bytearray, begin: int, end: int, sequence: int, stamp: int, mark: int) -> None:
        """Take the payload `buffer[begin:end]` of one RTP packet; `mark` is its second byte.

        Raises SourceMalformed for a picture without an end.
        """

    @abstractmethod
    def _note(self, kind: int, unit: bytes | bytearray) -> None:
        """Note what a NAL unit that came as a whole means for its picture; 3 bytes of it will do."""

    def _turn(self, sequence: int, stamp: int) -> None:
        """A packet that does not simply follow on the last one: loss, or a new picture."""
        if sequence != self._expected and self._expected >= 0:
            missing = (sequence - self._expected) & 0xFFFF
            self.lost += missing if missing < RESTART else 1
            self._drop_open()
            if self._parts and (stamp == self._stamp or not self._marked):
                self._is_damaged = True
            self._is_start_unsure = True
        if stamp != self._stamp:
            self._drop_open()
            if self._has_picture:
                self._trust = self._trust + 1 if self._marked else min(self._trust, -PICTURES_TO_TRUST)
            self._finish()
            self._stamp = stamp
            self._is_handed_over = self._is_same_time_unsure = False
        elif self._marked and self._is_handed_over and not self._has_picture:
            self._is_same_time_unsure = True
        elif self._marked and self._has_picture:
            # The marker came, and here is more of the picture.
            self._trust = NEVER
        self._marked = False

    def _unit(self, kind: int, unit: bytes | bytearray) -> None:
        self._parts.append(START_CODE)
        self._parts.append(unit)
        self._units.append(len(unit))
        self._note(kind, unit)

    def _unreadable(self) -> None:
        self.lost += 1
        self._is_damaged = True
        self._drop_open()

    def _too_large(self) -> None:
        raise SourceMalformed("a picture in the stream does not end")

    def _drop_open(self) -> None:
        """Forget the NAL unit that is being put together."""
        if self._open_at >= 0:
            del self._parts[self._open_at :]
            self._open_at = -1
            self._is_damaged = True

    def _mark(self) -> None:
        """The last packet of a picture, as the camera says."""
        self._marked = True
        if self._trust >= PICTURES_TO_TRUST and self._open_at < 0:
            self._finish()

    def _first_slice(self, is_first: int) -> None:
        """Note a slice: whether it is the first one of its picture shows whether its beginning came."""
        if self._is_same_time_unsure:
            # Behind the marker of a picture of this very time: its rest, unless another one begins here.
            self._is_same_time_unsure = False
            self._trust = self._trust if is_first else NEVER
        if not self._has_picture and self._is_start_unsure:
            self._is_start_unsure = False
            self._is_damaged = self._is_damaged or not is_first
        self._has_picture = True

    def _finish(self) -> None:
        """Hand over what there is. Parameter sets without a picture wait for the one that follows."""
        if self._has_picture:
            data, units = b"".join(self._parts), tuple(self._units)
            self._forget()
            self._finished(self._stamp, data, self._is_key and not self._is_damaged, units)
            self._is_handed_over = True
        elif self._is_damaged or not self._parts:
            self._forget()
        self._has_picture = self._is_key = self._is_damaged = False

    def _forget(self) -> None:
        self._parts.clear()
        self._units.clear()
        self._size = 0
