/** What the timeline shows: lanes of bars, out of facts or out of figures. Pure. */
import type { Gap, Interval, Observation, TimelineOverview } from "@/api/facts";
import { faultOf } from "@/live/cameras";

import type { Stretch } from "../source";
import type { Facts } from "./facts";
import { type Bar, blank, type Focus, heightOfLevel, lane, type Lane, type LaneKey, type LaneWords, made, MICROPHONE_FAULTS, PRESENCE_TONE, presenceState, type Tone } from "./lane";
import { levelLane, presenceLanes, speechLane, stateLane } from "./lasting";

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
    blank("tickets", windows.length === 1 ? (windows[0] ?? null) : null),
    ...windows.flatMap((window) => [stateLane(overviews, window, words), ...presenceLanes(overviews, window, words)]),
    speechLane(overviews, words, focus),
    levelLane(overviews, words, focus),
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
    return bar(one.interval, words.level(one.measure, isCalibrated), "closed", { height: heightOfLevel(one.measure, isCalibrated) });
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
