/** What the timeline shows: lanes of bars, out of a replay's facts. Pure. */
import type { Alert, GapReason, Presence, Step } from "@/api/facts";

import { faultOf, type PictureFault } from "@/live/cameras";

import { recorded, type ReplaySource, type Stretch, within } from "../source";

/** The colour of a bar, by the name of its CSS variable. */
export type Tone =
  | "accent" | "serving" | "open" | "paused" | "closed" | "absent" | "unknown" | "attention" | "warning" | "serious" | `step-${Step}`;

export interface Bar extends Stretch {
  readonly label: string;
  readonly tone: Tone;
  /** How much of the lane's height it fills, 0 to 1. */
  readonly height: number;
  /** Hatched: something is missing or cannot be told. */
  readonly isHatched: boolean;
  /** What is worth a line in the list of events. */
  readonly isEvent: boolean;
}

export type LaneKey = "steps" | "presence" | "picture" | "speech" | "level" | "alerts" | "recording";

export interface Lane {
  readonly key: LaneKey;
  /** The window that a lane of presence is about. */
  readonly window: string | null;
  readonly bars: readonly Bar[];
}

/** What may be wrong with a microphone: the states of its observation but `good` and `unknown`. */
export type MicrophoneFault = (typeof MICROPHONE_FAULTS)[number];

const MICROPHONE_FAULTS = ["digital_silence", "clipping", "hum", "level_drop"] as const;

/** The words of the lanes, in the language of the screen. */
export interface LaneWords {
  step(step: Step, staff: string | null): string;
  presence(presence: Presence): string;
  speech: string;
  unknown: string;
  raised: string;
  level(decibels: number, isCalibrated: boolean): string;
  microphone(fault: MicrophoneFault): string;
  picture(fault: PictureFault): string;
  alert(alert: Alert): string;
  gap(reason: GapReason): string;
  recorded: string;
}

const PRESENCE_TONE: Readonly<Record<Presence, Tone>> = { on_post: "serving", leaving: "paused", absent: "absent", unknown: "unknown" };

/** Sound levels shown from the quietest to the loudest: in dBFS, and in dB(A) of a calibrated microphone. */
const MEASURED = { quietest: -70, loudest: -10 };
const CALIBRATED = { quietest: 30, loudest: 90 };

export function lanesOf(source: ReplaySource, camera: string, words: LaneWords): Lane[] {
  const bounds: Stretch = source;
  const window = source.transaction?.window ?? null;
  const record = source.cameras.find((one) => one.camera === camera);

  const steps = source.periods.flatMap((period) =>
    bar(within(period.interval, bounds), words.step(period.step, period.staff), `step-${period.step}`, { isEvent: true }),
  );
  const seen = source.observations.filter((one) => one.kind === "presence");
  // A camera that is replayed by itself may show several windows: each has its lane.
  const windows = window === null ? seen.filter((one) => one.camera === camera).map((one) => one.window) : [window];
  const presence = [...new Set(windows)].sort().map((shown): Lane => {
    const bars = seen
      .filter((one) => one.window === shown)
      .flatMap((one) => {
        const state = presenceOf(one.state);
        const rest = { isHatched: state === "unknown", isEvent: state !== "on_post" };
        return bar(within(one.interval, bounds), words.presence(state), PRESENCE_TONE[state], rest);
      });
    return { key: "presence", window: shown, bars };
  });
  const speech = source.observations
    .filter((heard) => heard.kind === "speech" && heard.camera === camera && heard.state !== "quiet")
    .flatMap((heard) =>
      heard.state === "speech"
        ? bar(within(heard.interval, bounds), words.speech, "accent")
        : bar(within(heard.interval, bounds), words.unknown, "unknown", { isHatched: true }),
    );
  const raised = source.observations
    .filter((heard) => heard.kind === "voices" && heard.camera === camera && heard.state === "raised")
    .flatMap((heard) => bar(within(heard.interval, bounds), words.raised, "attention", { isEvent: true }));
  const level = source.observations
    .filter((heard) => heard.kind === "level" && heard.camera === camera)
    .flatMap((heard) => {
      if (heard.measure === null) return bar(within(heard.interval, bounds), words.unknown, "unknown", { isHatched: true });
      const isCalibrated = heard.state === "calibrated";
      const { quietest, loudest } = isCalibrated ? CALIBRATED : MEASURED;
      const height = Math.min(1, Math.max(0.06, (heard.measure - quietest) / (loudest - quietest)));
      return bar(within(heard.interval, bounds), words.level(heard.measure, isCalibrated), "closed", { height });
    });
  const faults = source.observations
    .filter((heard) => heard.kind === "microphone" && heard.camera === camera)
    .flatMap((heard) => {
      const fault = MICROPHONE_FAULTS.find((one) => one === heard.state);
      const rest = { isHatched: true, isEvent: true };
      return fault === undefined ? [] : bar(within(heard.interval, bounds), words.microphone(fault), "attention", rest);
    });
  const picture = source.observations
    .filter((seen) => seen.kind === "picture" && seen.camera === camera)
    .flatMap((seen) => {
      const fault = faultOf(seen.state);
      if (fault !== null) return bar(within(seen.interval, bounds), words.picture(fault), "serious", { isHatched: true, isEvent: true });
      // A clear picture is what is expected: only that it could not be told is worth a bar.
      return seen.state === "clear" ? [] : bar(within(seen.interval, bounds), words.unknown, "unknown", { isHatched: true });
    });
  const alerts = source.alerts.flatMap((alert) =>
    bar(within(alert.interval, bounds), words.alert(alert), alert.severity, { isEvent: true }),
  );
  const recording = [
    ...(record ? recorded(record, bounds) : []).flatMap((stretch) => bar(stretch, words.recorded, "closed", { height: 0.5 })),
    ...(record?.gaps ?? []).flatMap((gap) =>
      bar(within(gap.interval, bounds), words.gap(gap.reason), "absent", { isHatched: true, isEvent: true }),
    ),
  ];
  return [
    ...(source.transaction === null ? [] : [{ key: "steps", window: null, bars: steps } as const]),
    ...presence,
    ...(picture.length === 0 ? [] : [{ key: "picture", window: null, bars: picture } as const]),
    { key: "speech", window: null, bars: [...speech, ...raised] },
    { key: "level", window: null, bars: [...level, ...faults] },
    { key: "alerts", window: null, bars: alerts },
    { key: "recording", window: null, bars: recording },
  ];
}

/** Everything worth a line, in the order of time. */
export function eventsOf(lanes: readonly Lane[]): { readonly lane: LaneKey; readonly bar: Bar }[] {
  return lanes
    .flatMap((lane) => lane.bars.filter((one) => one.isEvent).map((one) => ({ lane: lane.key, bar: one })))
    .sort((a, b) => a.bar.from - b.bar.from);
}

function bar(stretch: Stretch | null, label: string, tone: Tone, rest: Partial<Bar> = {}): Bar[] {
  return stretch === null ? [] : [{ ...stretch, label, tone, height: 1, isHatched: false, isEvent: false, ...rest }];
}

function presenceOf(state: string): Presence {
  return state === "on_post" || state === "leaving" || state === "absent" ? state : "unknown";
}
