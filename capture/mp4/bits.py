"""Reads bits and Exp-Golomb numbers, as parameter sets are written."""

from __future__ import annotations

from hall.errors import MediaError

LONGEST_GOLOMB = 32
"""Bits of the largest number that a parameter set may hold."""


class Bits:
    """Reads bits of a NAL unit's content, most significant first, leaving out emulation prevention bytes."""

    def __init__(self, data: bytes) -> None:
        plain = data.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(plain, "big")
        self._left = len(plain) * 8

    def take(self, count: int) -> int:
        """The next `count` bits as a number. Raises MediaError when there are not so many."""
        self._left -= count
        if self._left < 0:
            raise MediaError("a parameter set is cut off")
        return self._value >> self._left & ((1 << count) - 1)

    def golomb(self) -> int:
        """The next unsigned Exp-Golomb number. Raises MediaError when there is none."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > LONGEST_GOLOMB:
                raise MediaError("a number in a parameter set is too large")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed_golomb(self) -> int:
        """The next signed Exp-Golomb number. Raises MediaError when there is none."""
        number = self.golomb()
        return (number + 1) // 2 if number % 2 else -(number // 2)
