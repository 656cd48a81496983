"""From what was found about cameras to what the console says of it."""

from __future__ import annotations

from capture.onvif import entries
from capture.onvif.device import Device, Stream
from capture.onvif.entries import Credentials
from console.api.camera_setup_shapes import (
    DeviceAnswer,
    DeviceOrder,
    ExaminationAnswer,
    ExaminedPerson,
    ExaminedPoint,
    ExaminedZone,
    OfferedLens,
    OfferedStream,
    SetupFault,
    TrialFindings,
    TriedSound,
)
from console.api.places import LIVE_CODEC
from console.cameras.trial import Findings
from hall.address_secrets import MARK
from hall.errors import SourceError
from hall.examining import Examined, PersonSeen


def fault(error: SourceError) -> SetupFault:
    """Why nothing came, in words that are all ours."""
    return SetupFault.model_validate({"reason": error.reason, "message": str(error)})


def device_fault(error: SourceError) -> SetupFault:
    """As `_fault`, without words that a device chose: its SOAP faults could carry anything back."""
    if error.reason == "malformed":
        return SetupFault(reason="malformed", message="the device's answer cannot be used")
    return fault(error)


def found(findings: Findings) -> TrialFindings:
    """What a trial found, without its picture."""
    sound = findings.sound
    return TrialFindings(
        codec=findings.codec,
        width=findings.width,
        height=findings.height,
        frame_rate=findings.frame_rate,
        key_frame_seconds=findings.key_frame_seconds,
        kilobits=findings.kilobits,
        sound=None
        if sound is None
        else TriedSound(codec=sound.codec, sample_rate=sound.sample_rate, channels=sound.channels),
        clock_offset_seconds=findings.clock_offset_seconds,
        seconds=findings.seconds,
        browser=findings.codec == LIVE_CODEC,
    )


def offered(device: Device, order: DeviceOrder) -> DeviceAnswer:
    """What a device offers; where it writes the password into an address, the mark stands for it."""
    nobody = Credentials("", order.password, "USER", "PASSWORD")
    made = entries.entries([device], nobody)

    def shown(url: str) -> str:
        return entries.with_places(url, nobody).replace("${PASSWORD}", MARK)

    def as_offered(stream: Stream) -> OfferedStream:
        return OfferedStream(
            profile=stream.profile, codec=stream.codec, width=stream.width, height=stream.height,
            frame_rate=stream.frame_rate, kilobits=stream.kilobits, url=shown(stream.url),
        )  # fmt: skip

    return DeviceAnswer(
        manufacturer=device.manufacturer,
        model=device.model,
        serial=device.serial,
        lenses=[
            OfferedLens(
                id=entry.id,
                name=entry.name,
                url=shown(entry.main.url),
                substream=None if entry.substream is None else shown(entry.substream.url),
                streams=[as_offered(one) for one in device.streams if one.source == entry.main.source],
            )
            for entry in made
        ],
    )


def tried_zones(examined: Examined) -> ExaminationAnswer:
    """What the detector found."""
    return ExaminationAnswer(
        detector=examined.detector,
        zones=[
            ExaminedZone(
                zone=each.zone,
                verdict=each.verdict,
                people=[_person(one) for one in each.people],
                why=each.why,
            )
            for each in examined.zones
        ],
        refusal=examined.refusal,
    )


def _person(seen: PersonSeen) -> ExaminedPerson:
    person = seen.person
    return ExaminedPerson(
        box=person.box,
        score=person.score,
        key_points=[ExaminedPoint(x=one.x, y=one.y, score=one.score) for one in person.key_points],
        counts=seen.counts,
    )
