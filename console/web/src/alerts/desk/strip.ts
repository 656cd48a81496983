/** The minutes around an alert as bars on a strip: places are fractions of its width. Pure. */
import type { Alert, Interval, Observation, TimelineFacts } from "@/api/facts";

export const AROUND_MS = 15 * 60_000;

/** In milliseconds since 1970. */
export interface Bounds {
  readonly from: number;
  readonly to: number;
}

/** From fifteen minutes before an alert began to fifteen after, but never beyond the present. */
export function boundsOf(alert: Pick<Alert, "interval">, now: number): Bounds {
  const at = Date.parse(alert.interval.start);
  return { from: at - AROUND_MS, to: Math.max(at + 1000, Math.min(at + AROUND_MS, now)) };
}

export interface Bar {
  readonly from: number;
  readonly width: number;
  /** How it is drawn. */
  readonly tone: string;
  /** When it really began and ended, whatever the strip shows of it; null while it goes on. */
  readonly begins: number;
  readonly ends: number | null;
  /** A few letters to be written into it, where they are the same in every language. */
  readonly text: string;
}

export interface Strip {
  readonly window: readonly Bar[];
  readonly presence: readonly Bar[];
  readonly tickets: readonly Bar[];
  readonly alerts: readonly (Bar & { readonly alert: Alert })[];
  /** What the chosen camera recorded, and where it did not, by the reason. */
  readonly recording: readonly Bar[];
}

/** What the facts say of a window (all that were asked for, with null) and one camera. */
export function stripOf(facts: TimelineFacts, bounds: Bounds, camera: string | null): Strip {
  const bar = (interval: Interval, tone: string, text = ""): Bar[] => barOf(interval, bounds, tone, text);
  const presence = facts.observations.filter((one) => one.kind === "presence" && one.window !== null);
  return {
    window: facts.statuses.flatMap((status) => bar(status.interval, status.state)),
    presence: ofOneSight(presence, camera).flatMap((seen) => bar(seen.interval, seen.state)),
    tickets: mattersOf(facts).flatMap(({ number, interval }) => bar(interval, "ticket", number)),
    alerts: facts.alerts.flatMap((alert) => bar(alert.interval, alert.severity).map((one) => ({ ...one, alert }))),
    recording: facts.cameras
      .filter((one) => one.camera === camera)
      .flatMap(({ recorded, gaps }) => [...recorded.flatMap((kept) => bar(kept, "recorded")), ...gaps.flatMap((gap) => bar(gap.interval, gap.reason))]),
  };
}

function barOf(interval: Interval, { from, to }: Bounds, tone: string, text: string): Bar[] {
  const begins = Date.parse(interval.start);
  const ends = interval.end === null ? null : Date.parse(interval.end);
  const first = Math.max(begins, from);
  const last = Math.min(ends ?? to, to);
  if (last <= first) return [];
  return [{ from: (first - from) / (to - from), width: (last - first) / (to - from), tone, begins, ends, text }];
}

/** One zone's sights: those of the chosen camera where it looks at the window, else those of the first that does. */
function ofOneSight(seen: readonly Observation[], camera: string | null): Observation[] {
  const first = seen.find((one) => one.camera === camera) ?? seen[0];
  return seen.filter((one) => one.camera === first?.camera && one.zone === first.zone && one.window === first.window);
}

/** Each transaction from the beginning of its first period to the end of its last. */
function mattersOf(facts: TimelineFacts): { readonly number: string; readonly interval: Interval }[] {
  const matters = new Map<string, { number: string; interval: Interval }>();
  for (const { period, ticket_number: number } of facts.periods) {
    const known = matters.get(period.transaction)?.interval;
    const start = known && Date.parse(known.start) < Date.parse(period.interval.start) ? known.start : period.interval.start;
    matters.set(period.transaction, { number, interval: { start, end: laterOf(known, period.interval) } });
  }
  return [...matters.values()];
}

function laterOf(known: Interval | undefined, next: Interval): string | null {
  if (!known) return next.end;
  if (known.end === null || next.end === null) return null;
  return Date.parse(known.end) > Date.parse(next.end) ? known.end : next.end;
}

/** The full minutes of five within bounds, for the marks under the strip. */
export function marksOf({ from, to }: Bounds): { readonly at: number; readonly from: number }[] {
  const every = 5 * 60_000;
  const first = Math.ceil(from / every) * every;
  const count = Math.max(0, Math.floor((to - first) / every) + 1);
  return Array.from({ length: count }, (_, number) => first + number * every).map((at) => ({ at, from: (at - from) / (to - from) }));
}
