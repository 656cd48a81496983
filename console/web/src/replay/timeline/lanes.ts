/** What the timeline shows: lanes of bars, out of facts or out of figures. Pure. */
import type { Alert, Gap, GapReason, Interval, Observation, Presence, QueueMoment, Step, TimelineOverview, WindowStatus } from "@/api/facts";
import { faultOf, type PictureFault } from "@/live/cameras";

import type { Stretch } from "../source";
import type { Facts } from "./facts";

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

export type LaneKey = "steps" | "tickets" | "state" | "presence" | "picture" | "speech" | "level" | "alerts" | "recording";

export interface Lane {
  readonly key: LaneKey;
  /** The window or the camera that a lane is about, where there may be several. */
  readonly of: string | null;
  readonly bars: readonly Bar[];
  /** The view is too long for what this lane shows. */
  readonly isBlank: boolean;
}

/** What may be wrong with a microphone: the states of its observation but `good` and `unknown`. */
export type MicrophoneFault = (typeof MICROPHONE_FAULTS)[number];

const MICROPHONE_FAULTS = ["digital_silence", "clipping", "hum", "level_drop"] as const;

/** The words of the lanes, in the language of the screen. */
export interface LaneWords {
  step(step: Step, staff: string | null, ticket: string): string;
  moment(moment: QueueMoment): string;
  state(status: WindowStatus): string;
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
  readonly transactions: (count: number) => string;
  readonly alerts: (count: number) => string;
  readonly gaps: (count: number) => string;
}

/** What is looked at: sound is shown of one camera. */
export interface Focus {
  readonly sound: string;
  /** What goes on lasts until now. */
  readonly now: number;
}

const PRESENCE_TONE: Readonly<Record<Presence, Tone>> = { on_post: "serving", leaving: "paused", absent: "absent", unknown: "unknown" };

/** Sound levels shown from the quietest to the loudest: in dBFS, and in dB(A) of a calibrated microphone. */
const MEASURED = { quietest: -70, loudest: -10 };
const CALIBRATED = { quietest: 30, loudest: 90 };
/** What happens at once is this wide where the time is. */
const MOMENT_MS = 1;

export function lanesOfFacts(facts: Facts, words: LaneWords, focus: Focus): Lane[] {
  const bar = barsUntil(focus.now);
  const perWindow = facts.windows.flatMap((window): Lane[] => [
    lane("steps", window, facts.periods.filter(({ period }) => period.window === window).flatMap(({ period, ticket_number }) =>
      bar(period.interval, words.step(period.step, period.staff, ticket_number), `step-${period.step}`, { isEvent: true }),
    )),
    lane("tickets", window, facts.moments.filter((one) => one.window === window).flatMap((one) => {
      const at = Date.parse(one.at);
      return [made({ from: at, to: at + MOMENT_MS }, words.moment(one), "accent", { isEvent: true })];
    })),
    lane("state", window, facts.statuses.filter((one) => one.window === window).flatMap((one) => bar(one.interval, words.state(one), one.state))),
    lane("presence", window, presenceOf(facts, window, words, bar)),
  ]);
  const picture = facts.cameras.flatMap(({ camera }) => {
    const bars = pictureOf(facts, camera, words, bar);
    return bars.length === 0 ? [] : [lane("picture", camera, bars)];
  });
  return [
    ...perWindow,
    lane("speech", null, speechOf(facts, focus.sound, words, bar)),
    lane("level", null, levelOf(facts, focus.sound, words, bar)),
    lane("alerts", null, facts.alerts.flatMap((alert) => bar(alert.interval, words.alert(alert), alert.status === "dismissed" ? "closed" : alert.severity, { isEvent: true }))),
    ...picture,
    ...facts.cameras.map(({ camera, recorded, gaps }) =>
      lane("recording", camera, [
        ...recorded.flatMap((stretch) => bar(stretch, words.recorded, "closed", { height: 0.5 })),
        ...gaps.flatMap((gap) => gapBar(gap, words, bar)),
      ]),
    ),
  ];
}

/** The same lanes over a long time: figures where there are some. */
export function lanesOfOverviews(overviews: readonly TimelineOverview[], words: LaneWords, focus: Focus): Lane[] {
  const bar = barsUntil(focus.now);
  const windows = [...new Set(overviews.flatMap((one) => one.windows))];
  const cameras = [...new Set(overviews.flatMap((one) => one.cameras.map(({ camera }) => camera)))];
  const most = (key: "transactions" | "alerts"): number => Math.max(1, ...overviews.flatMap((one) => (one[key] ?? []).reduce((a, b) => Math.max(a, b), 0)));
  const counted = (key: "transactions" | "alerts", tone: Tone, label: (count: number) => string): Bar[] => {
    const highest = most(key);
    return overviews.flatMap((one) => bucketBars(one, one[key] ?? [], (count) => made(NOWHERE, label(count), tone, { height: 0.15 + (0.84 * count) / highest })));
  };
  const begun = counted("transactions", "serving", words.transactions);
  return [
    // What is counted is counted of all windows together.
    lane("steps", windows.length === 1 ? (windows[0] ?? null) : null, begun),
    ...(["tickets", "state", "presence"] as const).map((key) => blank(key, windows.length === 1 ? (windows[0] ?? null) : null)),
    blank("speech", null),
    blank("level", null),
    lane("alerts", null, counted("alerts", "warning", words.alerts)),
    ...cameras.map((camera) => {
      const parts = overviews.flatMap((one) => one.cameras.filter((known) => known.camera === camera).map((known) => ({ one, known })));
      return lane("recording", camera, [
        ...parts.flatMap(({ one, known }) => bucketBars(one, known.recorded, (share) => made(NOWHERE, words.recorded, "closed", { height: 0.5 * share }))),
        ...parts.flatMap(({ known }) => known.gaps.flatMap((gap) => gapBar(gap, words, bar))),
        // Gaps that are too short to be seen at this length are told by their number alone.
        ...parts.flatMap(({ one, known }) => bucketBars(one, known.gaps_begun, (count) => made(NOWHERE, words.gaps(count), "absent", { height: 0.14 }))),
      ]);
    }),
  ];
}

/** Something worth a line: on which lane, of which window or camera. */
export interface LaneEvent {
  readonly lane: LaneKey;
  readonly of: string | null;
  readonly bar: Bar;
}

/** Everything worth a line, in the order of time. */
export function eventsOf(lanes: readonly Lane[]): LaneEvent[] {
  return lanes
    .flatMap((one) => one.bars.filter(({ isEvent }) => isEvent).map((bar) => ({ lane: one.key, of: one.of, bar })))
    .sort((a, b) => a.bar.from - b.bar.from);
}

type MakeBar = (interval: Interval, label: string, tone: Tone, rest?: Partial<Bar>) => Bar[];

const NOWHERE: Stretch = { from: 0, to: 0 };

function lane(key: LaneKey, of: string | null, bars: readonly Bar[]): Lane {
  return { key, of, bars, isBlank: false };
}

function blank(key: LaneKey, of: string | null): Lane {
  return { key, of, bars: [], isBlank: true };
}

function made(stretch: Stretch, label: string, tone: Tone, rest: Partial<Bar> = {}): Bar {
  return { from: stretch.from, to: stretch.to, label, tone, height: 1, isHatched: false, isEvent: false, ...rest };
}

function barsUntil(now: number): MakeBar {
  return (interval, label, tone, rest = {}) => {
    const from = Date.parse(interval.start);
    const to = interval.end === null ? Math.max(now, from + MOMENT_MS) : Date.parse(interval.end);
    return to > from ? [made({ from, to }, label, tone, rest)] : [];
  };
}

function gapBar(gap: Gap, words: LaneWords, bar: MakeBar): Bar[] {
  return bar(gap.interval, words.gap(gap.reason), "absent", { isHatched: true, isEvent: true });
}

/** Neighbouring buckets of the same value are one bar; those without a value none. */
function bucketBars(overview: TimelineOverview, values: readonly number[], make: (value: number) => Bar): Bar[] {
  const first = Date.parse(overview.from);
  const width = overview.bucket_seconds * 1000;
  const bars: Bar[] = [];
  let begun = 0;
  for (let index = 1; index <= values.length; index += 1) {
    const value = values[begun] ?? 0;
    if (index < values.length && values[index] === value) continue;
    if (value > 0) bars.push({ ...make(value), from: first + begun * width, to: first + index * width });
    begun = index;
  }
  return bars;
}

function presenceOf(facts: Facts, window: string, words: LaneWords, bar: MakeBar): Bar[] {
  return facts.observations
    .filter((one) => one.kind === "presence" && one.window === window)
    .flatMap((one) => {
      const state = presenceState(one.state);
      return bar(one.interval, words.presence(state), PRESENCE_TONE[state], { isHatched: state === "unknown", isEvent: state !== "on_post" });
    });
}

function presenceState(state: string): Presence {
  return state === "on_post" || state === "leaving" || state === "absent" ? state : "unknown";
}

function heardBy(facts: Facts, camera: string, kinds: readonly Observation["kind"][]): Observation[] {
  return facts.observations.filter((one) => one.camera === camera && kinds.includes(one.kind));
}

function speechOf(facts: Facts, camera: string, words: LaneWords, bar: MakeBar): Bar[] {
  const speech = heardBy(facts, camera, ["speech"])
    .filter(({ state }) => state !== "quiet")
    .flatMap((one) => (one.state === "speech" ? bar(one.interval, words.speech, "accent") : bar(one.interval, words.unknown, "unknown", { isHatched: true })));
  const raised = heardBy(facts, camera, ["voices"])
    .filter(({ state }) => state === "raised")
    .flatMap((one) => bar(one.interval, words.raised, "attention", { isEvent: true }));
  return [...speech, ...raised];
}

function levelOf(facts: Facts, camera: string, words: LaneWords, bar: MakeBar): Bar[] {
  const level = heardBy(facts, camera, ["level", "minute_level"]).flatMap((one) => {
    if (one.measure === null) return bar(one.interval, words.unknown, "unknown", { isHatched: true });
    const isCalibrated = one.state === "calibrated";
    const { quietest, loudest } = isCalibrated ? CALIBRATED : MEASURED;
    const height = Math.min(1, Math.max(0.06, (one.measure - quietest) / (loudest - quietest)));
    return bar(one.interval, words.level(one.measure, isCalibrated), "closed", { height });
  });
  const faults = heardBy(facts, camera, ["microphone"]).flatMap((one) => {
    const fault = MICROPHONE_FAULTS.find((known) => known === one.state);
    return fault === undefined ? [] : bar(one.interval, words.microphone(fault), "attention", { isHatched: true, isEvent: true });
  });
  return [...level, ...faults];
}

function pictureOf(facts: Facts, camera: string, words: LaneWords, bar: MakeBar): Bar[] {
  return heardBy(facts, camera, ["picture"]).flatMap((one) => {
    const fault = faultOf(one.state);
    if (fault !== null) return bar(one.interval, words.picture(fault), "serious", { isHatched: true, isEvent: true });
    // A clear picture is what is expected: only that it could not be told is worth a bar.
    return one.state === "clear" ? [] : bar(one.interval, words.unknown, "unknown", { isHatched: true });
  });
}
