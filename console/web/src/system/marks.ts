/** How a state is shown: a colour, a shape and a word for each. */
import type { DiskStanding, Pace, ProcessStanding } from "@/api/facts";
import type { SymbolName } from "@/shell/symbols";

/** `good` all is well; `watch` somebody should look; `bad` something is lost now; `unknown` not known; `calm` not wanted. */
export type Tone = "good" | "watch" | "bad" | "unknown" | "calm";

export const SYMBOLS: Readonly<Record<Tone, SymbolName>> = {
  good: "check",
  watch: "warning",
  bad: "serious",
  unknown: "unknown",
  calm: "closed",
};

export const PROCESS_TONES: Readonly<Record<ProcessStanding["state"], Tone>> = {
  running: "good",
  starting: "watch",
  silent: "bad",
  away: "bad",
  unknown: "unknown",
};

export const PACE_TONES: Readonly<Record<Pace, Tone>> = {
  off: "calm",
  keeps_up: "good",
  late: "watch",
  stopped: "bad",
  unknown: "unknown",
};

const DISK_TONES: Readonly<Record<DiskStanding["state"], Tone>> = {
  ok: "good",
  short_soon: "watch",
  short: "bad",
  full: "bad",
  unreachable: "bad",
};

/** A disk that nobody has measured lately is not known to be well. */
export function diskTone(disk: DiskStanding): Tone {
  return disk.is_stale ? "unknown" : DISK_TONES[disk.state];
}
