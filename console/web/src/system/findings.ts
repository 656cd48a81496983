/**
 * What is wrong, drawn out of how the system is: each thing once, the gravest first, with what can be done.
 *
 * Pure. What is not known is a finding too, of its own colour: it is neither well nor broken.
 */
import type { CameraStanding, DiskStanding, NotifierStanding, ProcessStanding, SystemHealth, Text } from "@/api/facts";

import type { Tone } from "./marks";

export const FINDINGS = [
  "busAway",
  "processAway",
  "processSilent",
  "processStarting",
  "processUnknown",
  "restartsMany",
  "evaluationStopped",
  "evaluationLate",
  "evaluationUnknown",
  "recordingStopped",
  "recordingLate",
  "recordingUnknown",
  "analysisLate",
  "analysisUnknown",
  "clockOff",
  "diskShortSoon",
  "diskShort",
  "diskFull",
  "diskUnreachable",
  "diskStale",
  "diskNone",
  "archiveAway",
  "archiveBehind",
  "notifierFailing",
  "deliveriesRefused",
  "eventsRefused",
  "factsLost",
  "databaseSlow",
  "otherFile",
  "figuresUnknown",
] as const;

export type FindingKey = (typeof FINDINGS)[number];

export interface Finding {
  readonly key: FindingKey;
  readonly tone: Tone;
  /** What it is about, each by its name; several of a kind are one finding. */
  readonly about: readonly (string | Text)[];
  /** The screen where it can be mended, or looked at. */
  readonly route?: string;
}

/** Seconds by which a camera's clock may be wrong before anybody is told. */
export const CLOCK_LIMIT = 2;
const RESTARTS_LIMIT = 3;
const SLOW_SECONDS = 1;
const ARCHIVE_LIMIT = 86_400;
const ORDER: readonly Tone[] = ["bad", "watch", "unknown"];

export function findings(health: SystemHealth): readonly Finding[] {
  const found = [...(health.site === null ? [] : ofSite(health, health.site)), ...ofCameras(health.cameras), ...ofBacklogs(health)];
  return found
    .filter(({ about, tone }) => about.length > 0 || tone !== "calm")
    .sort((one, other) => ORDER.indexOf(one.tone) - ORDER.indexOf(other.tone));
}

/** A finding about those of a list for which something holds; none where it holds for none. */
function about<Item>(
  key: FindingKey,
  tone: Tone,
  items: readonly Item[],
  holds: (one: Item) => boolean,
  named: (one: Item) => string | Text,
  route?: string,
): Finding[] {
  const those = items.filter(holds).map(named);
  return those.length > 0 ? [{ key, tone, about: those, ...(route === undefined ? {} : { route }) }] : [];
}

function alone(key: FindingKey, tone: Tone, holds: boolean, route?: string): Finding[] {
  return holds ? [{ key, tone, about: [], ...(route === undefined ? {} : { route }) }] : [];
}

function ofSite(health: SystemHealth, site: NonNullable<SystemHealth["site"]>): Finding[] {
  const name = ({ name: one }: ProcessStanding): string => one;
  const path = (disk: DiskStanding): string => disk.path;
  const inState = (state: ProcessStanding["state"]) => (one: ProcessStanding): boolean => one.state === state;
  const diskIs = (state: DiskStanding["state"]) => (disk: DiskStanding): boolean => !disk.is_stale && disk.state === state;
  const { processes, disks, archive, evaluation } = site;
  return [
    ...alone("busAway", "bad", !site.bus_connected),
    ...about("processAway", "bad", processes, inState("away"), name),
    ...about("processSilent", "bad", processes, inState("silent"), name),
    ...about("processStarting", "watch", processes, inState("starting"), name),
    // While the bus is away nothing can be heard: that is said once.
    ...(site.bus_connected ? about("processUnknown", "unknown", processes, (one) => one.state === "unknown" && one.why !== "just_begun", name) : []),
    ...about("restartsMany", "watch", processes, ({ restarts }) => (restarts ?? 0) >= RESTARTS_LIMIT, name),
    ...alone("evaluationStopped", "bad", evaluation.pace === "stopped"),
    ...alone("evaluationLate", "watch", evaluation.pace === "late"),
    ...alone("evaluationUnknown", "unknown", evaluation.pace === "unknown"),
    ...about("diskUnreachable", "bad", disks, diskIs("unreachable"), path, "admin-storage"),
    ...about("diskFull", "bad", disks, diskIs("full"), path, "admin-storage"),
    ...about("diskShort", "bad", disks, diskIs("short"), path, "admin-storage"),
    ...about("diskShortSoon", "watch", disks, diskIs("short_soon"), path, "admin-storage"),
    ...about("diskStale", "unknown", disks, (disk) => disk.is_stale, path),
    ...alone("diskNone", "unknown", disks.length === 0),
    ...alone("archiveAway", "watch", archive?.working === false),
    ...alone("archiveBehind", "watch", archive?.working !== false && (archive?.oldest_seconds ?? 0) > ARCHIVE_LIMIT),
    ...about("notifierFailing", "bad", site.notifiers, (one) => one.failing_since !== null, (one: NotifierStanding) => one.id, "admin-notifiers"),
    ...alone("factsLost", "bad", (site.dropped ?? []).some(({ what, count }) => (what === "facts" || what === "logbook") && count > 0)),
    ...alone("databaseSlow", "watch", site.database.answered_seconds > SLOW_SECONDS),
    ...alone("otherFile", "watch", site.configuration?.other_file_at != null),
    ...alone("figuresUnknown", "unknown", !health.figures_known),
  ];
}

function ofCameras(cameras: readonly CameraStanding[]): Finding[] {
  const name = (camera: CameraStanding): Text => camera.name;
  const recording = (pace: string) => (camera: CameraStanding): boolean => camera.recording.pace === pace;
  const analysis = (pace: string) => (camera: CameraStanding): boolean => camera.analysis.pace === pace;
  return [
    ...about("recordingStopped", "bad", cameras, recording("stopped"), name, "admin-cameras"),
    ...about("recordingLate", "watch", cameras, recording("late"), name),
    ...about("recordingUnknown", "unknown", cameras, recording("unknown"), name, "admin-cameras"),
    // Of a camera that gives no picture analysis cannot see any: that is said once.
    ...about("analysisLate", "watch", cameras, (one) => analysis("late")(one) && !recording("stopped")(one), name),
    ...about("analysisUnknown", "unknown", cameras, analysis("unknown"), name),
    ...about("clockOff", "watch", cameras, (one) => Math.abs(one.clock_offset_seconds ?? 0) > CLOCK_LIMIT, name),
  ];
}

function ofBacklogs({ waiting }: SystemHealth): Finding[] {
  return [
    ...alone("deliveriesRefused", "watch", waiting.refused_deliveries > 0, "admin-notifiers"),
    ...alone("eventsRefused", "watch", waiting.refused_events > 0, "admin-refused"),
  ];
}
