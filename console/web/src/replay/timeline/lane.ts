/** A lane of the timeline: bars, the words for them, and how they are shown. Pure. */
import type { Alert, GapReason, Presence, QueueMoment, Step, WindowStatus } from "@/api/facts";
import type { PictureFault } from "@/live/cameras";

import type { Stretch } from "../source";

/** The colour of a bar, by the name of its CSS variable. */
export type Tone =
  | "accent" | "serving" | "open" | "paused" | "closed" | "absent" | "unknown" | "attention" | "warning" | "serious" | `step-${Step}`;

export interface Bar extends Stretch {
  readonly label: string;
  readonly tone: Tone;
  /** How much of the lane's height it fills, 0 to 1. */
  readonly height: number;
  /** How far above the bottom of the lane it begins, in parts of its height. */
  readonly base: number;
  /** Hatched: something is missing or cannot be told. */
  readonly isHatched: boolean;
  /** What is worth a line in the list of events. */
  readonly isEvent: boolean;
}

export type LaneKey = "steps" | "tickets" | "state" | "presence" | "picture" | "speech" | "level" | "alerts" | "recording";

export interface Lane {
  readonly key: LaneKey;
  /** The window or the camera that a lane is about, where there may be several. */
  readonly of: string | null;
  /** Who judged it, where there are several lanes about the same. */
  readonly by: string | null;
  readonly bars: readonly Bar[];
  /** The view is too long for what this lane shows. */
  readonly isBlank: boolean;
}

/** What may be wrong with a microphone: the states of its observation but `good` and `unknown`. */
export type MicrophoneFault = (typeof MICROPHONE_FAULTS)[number];

export const MICROPHONE_FAULTS = ["digital_silence", "clipping", "hum", "level_drop"] as const;

/** The words of the lanes, in the language of the screen. */
export interface LaneWords {
  step(step: Step, staff: string | null, ticket: string): string;
  moment(moment: QueueMoment): string;
  state(status: WindowStatus): string;
  presence(presence: Presence): string;
  speech: string;
  unknown: string;
  raised: string;
  readonly level: (decibels: number, isCalibrated: boolean) => string;
  microphone(fault: MicrophoneFault): string;
  picture(fault: PictureFault): string;
  alert(alert: Alert): string;
  gap(reason: GapReason): string;
  recorded: string;
  readonly transactions: (count: number) => string;
  readonly alerts: (count: number) => string;
  readonly gaps: (count: number) => string;
  readonly windowState: (state: WindowStatus["state"]) => string;
  readonly nobodyWhileClosed: string;
  /** The camera that judged something, and its zone where it has several there. */
  judge(camera: string, zone: string | null): string;
  /** For how long of an hour or a day something was so. */
  lasting(what: string, seconds: number): string;
  /** The highest level of an hour or a day. */
  readonly highest: (decibels: number, isCalibrated: boolean) => string;
}

/** What is looked at: sound is shown of one camera. */
export interface Focus {
  readonly sound: string;
  /** What goes on lasts until now. */
  readonly now: number;
}

export const PRESENCE_TONE: Readonly<Record<Presence, Tone>> = { on_post: "serving", leaving: "paused", absent: "absent", unknown: "unknown" };

/** Sound levels shown from the quietest to the loudest: in dBFS, and in dB(A) of a calibrated microphone. */
const MEASURED = { quietest: -70, loudest: -10 };
const CALIBRATED = { quietest: 30, loudest: 90 };

export function lane(key: LaneKey, of: string | null, bars: readonly Bar[]): Lane {
  return { key, of, by: null, bars, isBlank: false };
}

export function blank(key: LaneKey, of: string | null): Lane {
  return { key, of, by: null, bars: [], isBlank: true };
}

export function made(stretch: Stretch, label: string, tone: Tone, rest: Partial<Bar> = {}): Bar {
  return { from: stretch.from, to: stretch.to, label, tone, height: 1, base: 0, isHatched: false, isEvent: false, ...rest };
}

export function presenceState(state: string): Presence {
  return state === "on_post" || state === "leaving" || state === "absent" ? state : "unknown";
}

export function heightOfLevel(decibels: number, isCalibrated: boolean): number {
  const { quietest, loudest } = isCalibrated ? CALIBRATED : MEASURED;
  return Math.min(1, Math.max(0.06, (decibels - quietest) / (loudest - quietest)));
}
