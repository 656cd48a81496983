/** Between time and place on the timeline. Pure. */
import type { Stretch } from "../source";

/** Seconds between two marks of the axis. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400] as const;
const LEAST_BETWEEN_MARKS_PX = 92;

export interface Scale {
  readonly bounds: Stretch;
  /** Where the time begins and ends, in CSS pixels. */
  readonly left: number;
  readonly right: number;
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

/** The marks of the axis, at round times, so far apart that their words do not touch. */
export function marksOf(scale: Scale): number[] {
  const { from, to } = scale.bounds;
  const perMark = ((to - from) / 1000) * (LEAST_BETWEEN_MARKS_PX / Math.max(1, scale.right - scale.left));
  const step = (STEPS.find((seconds) => seconds >= perMark) ?? 86400) * 1000;
  const marks: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) marks.push(at);
  return marks;
}
