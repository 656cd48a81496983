/** Lanes of a long time: how much of each hour or day something was so. Pure. */
import type { LevelHours, Presence, StateSeconds, TimelineLasting, TimelineOverview, WindowStatus } from "@/api/facts";

import { type Bar, type Focus, heightOfLevel, type Lane, lane, type LaneWords, made, PRESENCE_TONE, presenceState, type Tone } from "./lane";

/** From the bottom of a lane to its top. What was not judged leaves the top empty. */
const PRESENCES: readonly Presence[] = ["on_post", "leaving", "absent", "unknown"];
const STATES: readonly WindowStatus["state"][] = ["serving", "open", "paused", "closed"];

interface Layer {
  readonly label: (seconds: number) => string;
  readonly tone: Tone;
  readonly isHatched: boolean;
  /** Seconds of each step. */
  readonly seconds: readonly number[];
}

/**
 * One lane for each camera and zone that shows the window. They are not added up: a clerk whom one of them shows is
 * there, even if another shows an empty chair.
 */
export function presenceLanes(overviews: readonly TimelineOverview[], window: string, words: LaneWords): Lane[] {
  const seen = overviews.flatMap(({ lasting }) => lasting.states.filter((one) => one.kind === "presence" && one.window === window));
  const judges = [...new Map(seen.map(({ camera, zone }) => [`${camera ?? ""} ${zone ?? ""}`, { camera, zone }])).values()];
  if (judges.length === 0) return [lane("presence", window, [])];
  return judges.map((judge) => {
    const hasOthers = judges.filter(({ camera }) => camera === judge.camera).length > 1;
    const by = judges.length === 1 ? null : words.judge(judge.camera ?? "", hasOthers ? judge.zone : null);
    return presenceLane(overviews, window, { ...judge, by }, words);
  });
}

interface Judge extends Pick<StateSeconds, "camera" | "zone"> {
  /** What it is called, where there are several. */
  readonly by: string | null;
}

/** Nobody at a window is no absence while it is closed: so much of it as may lie in that time is not told in red. */
function presenceLane(overviews: readonly TimelineOverview[], window: string, judge: Judge, words: LaneWords): Lane {
  const isOfJudge = (one: StateSeconds): boolean => one.kind === "presence" && one.window === window && one.camera === judge.camera && one.zone === judge.zone;
  const layer = (what: string, tone: Tone, seconds: readonly number[], isHatched = false): Layer => ({
    label: (lasts) => words.lasting(judge.by === null ? what : `${judge.by}: ${what}`, lasts), tone, isHatched, seconds,
  });
  const layers = (told: TimelineLasting): Layer[] => {
    const closed = added(told.states.filter((one) => one.kind === "state" && one.window === window && one.state === "closed"));
    return PRESENCES.flatMap((state) => {
      const seconds = added(told.states.filter((one) => isOfJudge(one) && presenceState(one.state) === state));
      if (state !== "absent") return [layer(words.presence(state), PRESENCE_TONE[state], seconds, state === "unknown")];
      const whileClosed = seconds.map((lasts, nth) => Math.min(lasts, closed[nth] ?? 0));
      return [
        layer(words.presence(state), PRESENCE_TONE[state], seconds.map((lasts, nth) => lasts - (whileClosed[nth] ?? 0))),
        layer(words.nobodyWhileClosed, "closed", whileClosed),
      ];
    });
  };
  return { ...lane("presence", window, stacked(overviews, layers)), by: judge.by };
}

export function stateLane(overviews: readonly TimelineOverview[], window: string, words: LaneWords): Lane {
  const layers = (told: TimelineLasting): Layer[] =>
    STATES.map((state) => ({
      label: (seconds) => words.lasting(words.windowState(state), seconds),
      tone: state,
      isHatched: false,
      seconds: added(told.states.filter((one) => one.kind === "state" && one.window === window && one.state === state)),
    }));
  return lane("state", window, stacked(overviews, layers));
}

export function speechLane(overviews: readonly TimelineOverview[], words: LaneWords, focus: Focus): Lane {
  const heard = (told: TimelineLasting, kind: StateSeconds["kind"], state: string): number[] =>
    added(told.states.filter((one) => one.kind === kind && one.camera === focus.sound && one.state === state));
  const speech = (told: TimelineLasting): Layer[] => [
    { label: (seconds) => words.lasting(words.speech, seconds), tone: "accent", isHatched: false, seconds: heard(told, "speech", "speech") },
    { label: (seconds) => words.lasting(words.unknown, seconds), tone: "unknown", isHatched: true, seconds: heard(told, "speech", "unknown") },
  ];
  const raised = (told: TimelineLasting): Layer[] => [
    { label: (seconds) => words.lasting(words.raised, seconds), tone: "attention", isHatched: false, seconds: heard(told, "voices", "raised") },
  ];
  return lane("speech", null, [...stacked(overviews, speech), ...stacked(overviews, raised)]);
}

/** The mean level of each hour or day, and its highest minute behind it. */
export function levelLane(overviews: readonly TimelineOverview[], words: LaneWords, focus: Focus): Lane {
  const bars = stepsOf(overviews).flatMap(({ told, at, nth }) =>
    told.levels
      .filter(({ camera }) => camera === focus.sound)
      .flatMap((one) => [levelBar(one, one.highest[nth], at, told, words.highest), levelBar(one, one.mean[nth], at, told, words.level)])
      .filter((bar) => bar !== null),
  );
  return lane("level", null, bars);
}

function levelBar(
  { state }: LevelHours, decibels: number | null | undefined, at: number, told: TimelineLasting, label: LaneWords["level"],
): Bar | null {
  if (decibels == null) return null;
  const isCalibrated = state === "calibrated";
  const height = Math.min(ALMOST, heightOfLevel(decibels, isCalibrated));
  return made({ from: at, to: at + told.step_seconds * 1000 }, label(decibels, isCalibrated), "closed", { height });
}

/** A bar that fills its lane would be drawn with its words; these stand under the pointer. */
const ALMOST = 0.999;

/** Each hour or day once: neighbouring tiles tell those at their borders both. */
function stepsOf(overviews: readonly TimelineOverview[]): { told: TimelineLasting; at: number; nth: number }[] {
  const found = new Map<number, { told: TimelineLasting; at: number; nth: number }>();
  for (const { lasting: told } of overviews) {
    for (let nth = 0; nth < told.steps; nth += 1) {
      const at = Date.parse(told.from) + nth * told.step_seconds * 1000;
      found.set(at, { told, at, nth });
    }
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

/** Layers upon each other, as high as their share of the step. */
function stacked(overviews: readonly TimelineOverview[], layersOf: (told: TimelineLasting) => readonly Layer[]): Bar[] {
  const layers = new Map(overviews.map(({ lasting }) => [lasting, layersOf(lasting)]));
  return stepsOf(overviews).flatMap(({ told, at, nth }) => {
    const parts = (layers.get(told) ?? []).map((layer) => ({ layer, seconds: layer.seconds[nth] ?? 0 }));
    let base = 0;
    return parts.flatMap(({ layer, seconds }) => {
      if (seconds <= 0) return [];
      const height = Math.min(1 - base, seconds / told.step_seconds) * ALMOST;
      const bar = made({ from: at, to: at + told.step_seconds * 1000 }, layer.label(seconds), layer.tone, { height, base, isHatched: layer.isHatched });
      base += height;
      return [bar];
    });
  });
}

function added(some: readonly StateSeconds[]): number[] {
  const [first, ...rest] = some;
  if (!first) return [];
  return rest.reduce((sum, one) => sum.map((seconds, nth) => seconds + (one.seconds[nth] ?? 0)), [...first.seconds]);
}
