/** Sizes and durations in round words: nobody decides by the third digit of a disk. */
import type { MessageKey, Values } from "@/messages/text";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** A size in units of a thousand, as makers of disks and `gigabytes` of the configuration count. */
export function size(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}

export interface Said {
  readonly key: MessageKey;
  readonly values: Values;
}

const STEPS = [
  { seconds: 86_400, most: Infinity, key: "system.days" },
  { seconds: 3_600, most: 48, key: "system.hours" },
  { seconds: 60, most: 90, key: "system.minutes" },
  { seconds: 1, most: 90, key: "system.seconds" },
] as const;

/** A duration in the one unit that suits it: `3 d`, `5 h`, `12 min`, `4 s`. */
export function lasting(seconds: number): Said {
  const whole = Math.max(0, seconds);
  let chosen: (typeof STEPS)[number] = STEPS[0];
  for (const step of STEPS) if (whole / step.seconds < step.most) chosen = step;
  const count = whole / chosen.seconds;
  const n = chosen.key === "system.seconds" && count > 0 && count < 10 ? count.toFixed(1) : String(Math.floor(count));
  return { key: chosen.key, values: { n } };
}

/** A share of a whole in per cent, rounded to what a bar can show; 0 of nothing. */
export function percent(part: number, whole: number): number {
  return whole > 0 ? Math.round((Math.min(part, whole) / whole) * 1000) / 10 : 0;
}
