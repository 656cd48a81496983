"""What can be plugged in: sources, detectors, queue adapters, notifiers, object stores.

Each is a Protocol of one to three methods. Implementations of other packages are found by entry-point groups
(`hallwatch.sources`, `hallwatch.detectors`, `hallwatch.queues`, `hallwatch.notifiers`); the built-in ones
stand in the code that chooses (`capture.sources`, `analysis.detectors`, `capture.queueing.adapters`,
`alerts.notifiers`), so that no installed package can take their place. Every implementation, built in or
foreign, passes the conformance suite of its port in `hall.testing` or a module beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from hall.finding import Alert, Flip
from hall.media import Packet, Track
from hall.names import ObjectKey
from hall.place import Camera

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]


class OpenStream(Protocol):
    """A connected source. Iterating gives packets until the source ends or `stop` is set."""

    @property
    def tracks(self) -> Sequence[Track]:
        """The elementary streams, known before the first packet."""
        ...

    def __iter__(self) -> Iterator[Packet]:
        """Packets in the order of arrival. Raises SourceError when the source fails or stalls."""
        ...


class StreamSource(Protocol):
    """Opens a camera or microphone."""

    def open(self, camera: Camera, stop: Event) -> AbstractContextManager[OpenStream]:
        """Connect. Raises a SourceError that says what is wrong; never waits longer than 20 s."""
        ...


@dataclass(frozen=True, slots=True)
class KeyPoint:
    """One joint of a person: position normalised 0..1 in the crop, and its score."""

    x: float
    y: float
    score: float


@dataclass(frozen=True, slots=True)
class Detection:
    """One person in a crop: box normalised 0..1 (left, top, right, bottom), score, COCO key points.

    There are 17 key points in COCO's order, or none when the detector gives none.
    """

    box: tuple[float, float, float, float]
    score: float
    key_points: tuple[KeyPoint, ...] = ()


class Detector(Protocol):
    """Finds people in pictures."""

    @property
    def name(self) -> str:
        """Name and version, stored with every observation, as `movenet@1`."""
        ...

    def detect(self, crops: Sequence[Picture]) -> list[list[Detection]]:
        """Per crop (H×W×3, uint8, BGR) the people found. Raises DetectorError; never returns fewer lists."""
        ...


@runtime_checkable
class BatchDetector(Detector, Protocol):
    """A detector that gains by many crops in one call: those of several cameras are then put together."""

    @property
    def most_at_once(self) -> int:
        """How many crops it looks at together, 1 or more. A call may hold more."""
        ...


@runtime_checkable
class PlacedDetector(Detector, Protocol):
    """A detector that remembers what a place looked like before, and judges by the change.

    It is asked by `detect_at` alone. A place is an opaque name for one piece of one camera's picture, always
    cut alike; `now` is monotonic, in seconds.
    """

    @property
    def counts_people(self) -> bool:
        """False when it tells somebody from nobody only.

        Waiting zones are then unknown, and so is any zone while somebody is found beside it.
        """
        ...

    def detect_at(
        self, places: Sequence[str], crops: Sequence[Picture], now: float
    ) -> list[list[Detection] | None]:
        """Per crop of a place the people found; None: it cannot tell. Otherwise as `detect`."""
        ...


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a queue adapter stands in the foreign system; opaque to everybody but the adapter."""

    value: str


class QueueAdapter(Protocol):
    """Reads events from a queue system that does not push. It does not judge them: the intake does."""

    def events(self, after: Cursor | None) -> Iterator[tuple[Cursor, bytes]]:
        """The events after the cursor (None: from the start), oldest first, each with the cursor behind it.

        An event is the JSON text (UTF-8) of one `hall.queueing.QueueEvent`. What cannot be read as one is
        handed over as it came, so that it is kept among the refused events; of what is longer than
        LARGEST_EVENT, any part that is longer than LARGEST_EVENT will do. Ends when there is nothing more
        for now. Raises QueueError when the queue system cannot be read; what was handed over until then
        counts.
        """
        ...


class Notifier(Protocol):
    """Tells a person or machine about a flip."""

    def notify(self, alert: Alert, flip: Flip) -> None:
        """Deliver once. Raises NotifyError."""
        ...


@runtime_checkable
class DigestNotifier(Notifier, Protocol):
    """A notifier that can tell several flips in one message, when more happens than it may send messages."""

    def notify_together(self, told: Sequence[tuple[Alert, Flip]]) -> None:
        """Deliver all of them once, the oldest first. Raises NotifyError: then none counts as delivered."""
        ...


@runtime_checkable
class TriedNotifier(Notifier, Protocol):
    """A notifier that can be tried out without an alert."""

    def try_out(self, at: datetime) -> None:
        """Send something that says that it is a trial, made at this moment. Raises NotifyError."""
        ...


class ObjectStore(Protocol):
    """Keeps recorded files under keys."""

    def put(self, key: ObjectKey, path: Path) -> None:
        """Take the finished local file at `path` under `key`. Raises RecordingError."""
        ...

    def open(self, key: ObjectKey, byte_range: tuple[int, int] | None = None) -> BinaryIO:
        """Read a file, or the half-open byte range of it. Raises NotFound."""
        ...

    def delete(self, key: ObjectKey) -> None:
        """Remove a file; removing what is not there is no error."""
        ...
