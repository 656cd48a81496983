"""The analysis role: listens to the tap, watches its share of the cameras, writes observations.

Threads: the bus leaves messages in two inboxes; one thread looks (the only one that asks the detector),
one listens, one writes. Nothing waits for the database but the writer.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection
from functools import partial

import cv2
import structlog

from analysis.detectors import open_detector
from analysis.facts import FactWriter
from analysis.picture.condition.keeping import ViewKeeper
from analysis.picture.frames import KeyFrameDecoder
from analysis.picture.trials import Trials
from analysis.picture.watcher import CameraWatch
from analysis.picture.watching import PictureThread, WatchedCamera
from analysis.sound.hearing import SoundWatch
from analysis.sound.listening import HeardCamera, SoundThread
from analysis.sound.silero import Silero
from analysis.standing import Standing, read_standing
from analysis.workers import Workers
from bus.connection import Message
from bus.subjects import ANALYSIS_EXAMINE, TAP_KEY, TAP_SOUND, analysis_sighting, every, last_token
from bus.thread import ThreadBus
from hall.clock import Clock
from hall.config.settings import Configuration, HallSettings
from hall.errors import DetectorError
from hall.names import CameraId
from hall.place import Camera
from hall.pulse import Pulses
from hall.sighting import Sighting
from hall.wire import to_wire
from store.database import Database

Share = tuple[int, int]
"""Which part of the cameras: (1, 1) is all, (2, 3) every third beginning with the second."""
END_SECONDS = 2.0

log = structlog.get_logger(__name__)


def run_analysis(
    configuration: Configuration,
    database: Database,
    bus_url: str,
    clock: Clock,
    stop: threading.Event,
    pulses: Pulses | None = None,
    share: Share = (1, 1),
) -> None:
    """Watch and listen until `stop` is set. Raises BusError for an address that cannot be one.

    A thread that fails by a fault in the program ends the role with that error.
    """
    cv2.setNumThreads(1)  # one thread looks; OpenCV's own pool would only compete with it
    standing = read_standing(configuration, database, stop)
    if standing is None:
        return
    views = ViewKeeper(database)
    facts = FactWriter(database, clock, views)
    cameras = cameras_of(configuration, share)
    trials = Trials(configuration.site.analysis.detail, clock)
    bus = ThreadBus(bus_url, f"analysis-{share[0]}")
    show = partial(_show, bus)
    pictures = _pictures(configuration, cameras, standing, facts, clock, views, trials, show)
    sound = _sound(configuration, cameras, standing, facts, clock)
    if share[0] == 1:
        for hall, observation in standing.orphans(configuration):
            facts.add(hall, [observation])
    own = {camera.id for _, camera in cameras}
    workers = Workers(stop, pulses or Pulses(clock))
    try:
        workers.start("facts", facts.run)
        workers.start("pictures", pictures.run)
        workers.start("sound", sound.run)
        bus.subscribe(every(TAP_KEY), _into(pictures.inbox.put, own))
        bus.subscribe(every(TAP_SOUND), _into(sound.inbox.put, own))
        if share[0] == 1:
            bus.subscribe(ANALYSIS_EXAMINE, _tried_by(trials, bus))
        log.info("analysis runs", cameras=len(cameras), share=share)
        workers.wait()
    finally:
        bus.close()
        workers.finish(END_SECONDS)
    if workers.failure is not None:
        raise workers.failure


def cameras_of(configuration: Configuration, share: Share = (1, 1)) -> list[tuple[HallSettings, Camera]]:
    """The cameras of a share, each with its hall, in the order of the file."""
    part, parts = share
    if not 1 <= part <= parts:
        raise ValueError(f"there is no share {part} of {parts}")
    every_camera = [(hall, camera) for hall in configuration.halls for camera in hall.cameras]
    return every_camera[part - 1 :: parts]


def _into(put: Callable[[str, bytes], None], own: Collection[CameraId]) -> Callable[[Message], None]:
    def leave(message: Message) -> None:
        camera = CameraId(last_token(message.subject))
        if camera in own:
            put(camera, message.payload)

    return leave


def _show(bus: ThreadBus, sighting: Sighting) -> None:
    """Tell whoever looks at the camera just now."""
    payload = json.dumps(to_wire(sighting), separators=(",", ":")).encode()
    bus.publish(analysis_sighting(sighting.camera), payload)


def _tried_by(trials: Trials, bus: ThreadBus) -> Callable[[Message], None]:
    def leave(message: Message) -> None:
        if message.reply:
            trials.put(message.payload, partial(bus.publish, message.reply))

    return leave


def _pictures(
    configuration: Configuration,
    cameras: list[tuple[HallSettings, Camera]],
    standing: Standing,
    facts: FactWriter,
    clock: Clock,
    views: ViewKeeper,
    trials: Trials,
    show: Callable[[Sighting], None],
) -> PictureThread:
    settings = configuration.site.analysis
    watched: dict[CameraId, WatchedCamera] = {}
    for hall, camera in cameras:
        condition = views.open(camera.id, standing.views)
        watch = CameraWatch(camera, settings, settings.detector, condition)
        begun = watch.begin(
            standing.of(camera.id), standing.watermarks.get(camera.id), clock.now(), clock.monotonic()
        )
        facts.add(hall.id, begun)
        watched[camera.id] = WatchedCamera(hall.id, watch, KeyFrameDecoder(camera.zones, settings.detail))
    return PictureThread(watched, lambda: open_detector(settings), facts, clock, views, trials, show)


def _sound(
    configuration: Configuration,
    cameras: list[tuple[HallSettings, Camera]],
    standing: Standing,
    facts: FactWriter,
    clock: Clock,
) -> SoundThread:
    model, settings = _speech_model(), configuration.site.analysis.sound
    heard: dict[CameraId, HeardCamera] = {}
    for hall, camera in cameras:
        watch = SoundWatch(camera.id, model, settings, camera.microphone)
        watch.begin(standing.of(camera.id), standing.watermarks.get(camera.id), clock.monotonic())
        heard[camera.id] = HeardCamera(hall.id, watch, alone=not camera.zones)
    return SoundThread(heard, facts, clock)


def _speech_model() -> Silero | None:
    """The model that all microphones share. Without it speech is unknown, and levels are still measured."""
    try:
        return Silero()
    except DetectorError as error:
        log.error("no speech model, speech and voices are unknown", error=str(error))
        return None
