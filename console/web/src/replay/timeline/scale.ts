/** Between time and place on the timeline. Pure. */
import { clockTime, dayOf, instantOf } from "@/time/zone";

import type { Stretch } from "../source";

const DAY = 86_400;
/** Seconds between two marks of the axis. */
const STEPS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, DAY, 2 * DAY, 7 * DAY] as const;
const MONTHS = [1, 2, 3, 6] as const;
const LEAST_BETWEEN_MARKS_PX = 92;

export interface Scale {
  readonly bounds: Stretch;
  /** Where the time begins and ends, in CSS pixels. */
  readonly left: number;
  readonly right: number;
}

export interface Mark {
  readonly at: number;
  readonly label: string;
}

export function placeOf(scale: Scale, at: number): number {
  const { from, to } = scale.bounds;
  return scale.left + ((at - from) / Math.max(1, to - from)) * (scale.right - scale.left);
}

/** The time at a place, held within the bounds. */
export function timeAt(scale: Scale, x: number): number {
  const { from, to } = scale.bounds;
  const share = (x - scale.left) / Math.max(1, scale.right - scale.left);
  return from + Math.min(1, Math.max(0, share)) * (to - from);
}

/** The marks of the axis, at times that are round where the hall is, so far apart that their words do not touch. */
export function marksOf(scale: Scale, zone: string): Mark[] {
  const { from, to } = scale.bounds;
  const perMark = ((to - from) / 1000) * (LEAST_BETWEEN_MARKS_PX / Math.max(1, scale.right - scale.left));
  const step = STEPS.find((seconds) => seconds >= perMark);
  if (step === undefined) return monthMarks(scale.bounds, MONTHS.find((months) => months * 30.5 * DAY >= perMark) ?? 12, zone);
  // Round where the hall is: its midnights are not those of UTC.
  const offset = offsetOf(from, zone);
  const marks: Mark[] = [];
  for (let local = Math.ceil((from + offset) / (step * 1000)); local * step * 1000 <= to + offset; local += 1) {
    const at = Math.round(local * step * 1000) - offset;
    marks.push({ at, label: labelOf(at, step, zone) });
  }
  return marks;
}

function monthMarks({ from, to }: Stretch, months: number, zone: string): Mark[] {
  const [year = 1970, month = 1] = dayOf(from, zone).split("-").map(Number);
  const marks: Mark[] = [];
  for (let count = Math.floor((month - 1) / months) * months; ; count += months) {
    const label = `${year + Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, "0")}`;
    const at = instantOf(`${label}-01 00:00:00`, zone);
    if (at === null || at > to) return marks;
    if (at >= from) marks.push({ at, label });
  }
}

function labelOf(at: number, step: number, zone: string): string {
  const time = clockTime(at, zone);
  if (step < 1) return `${time}.${Math.floor((at % 1000) / 100)}`;
  if (step < 60) return time;
  if (step < DAY) return time === "00:00:00" ? dayOf(at, zone).slice(5) : time.slice(0, 5);
  return dayOf(at, zone).slice(5);
}

/** How far the hall's clocks are ahead of UTC. */
function offsetOf(at: number, zone: string): number {
  const whole = Math.floor(at / 1000) * 1000;
  return Date.parse(`${dayOf(whole, zone)}T${clockTime(whole, zone)}Z`) - whole;
}
