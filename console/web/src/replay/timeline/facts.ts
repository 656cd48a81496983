/** The facts of neighbouring tiles as one: what reaches into both is told by both. Pure. */
import type { Alert, CameraStretches, Interval, Observation, QueueMoment, TimelineFacts, TimelinePeriod, WindowStatus } from "@/api/facts";

export interface Facts {
  readonly windows: readonly string[];
  readonly cameras: readonly CameraStretches[];
  readonly periods: readonly TimelinePeriod[];
  readonly moments: readonly QueueMoment[];
  readonly statuses: readonly WindowStatus[];
  readonly alerts: readonly Alert[];
  readonly observations: readonly Observation[];
  /** False when there is more than is told. */
  readonly whole: boolean;
}

export function joined(tiles: readonly TimelineFacts[]): Facts {
  const of = <Key extends keyof TimelineFacts>(key: Key): TimelineFacts[Key][] => tiles.map((tile) => tile[key]);
  const cameras = [...new Set(of("cameras").flatMap((some) => some.map(({ camera }) => camera)))];
  return {
    windows: [...new Set(of("windows").flat())],
    cameras: cameras.map((camera) => {
      const parts = of("cameras").flatMap((some) => some.filter((one) => one.camera === camera));
      return {
        camera,
        recorded: touching(parts.flatMap(({ recorded }) => recorded)),
        gaps: once(parts.flatMap(({ gaps }) => gaps), (gap) => gap.interval.start),
        sound: parts.some(({ sound }) => sound),
      };
    }),
    periods: once(of("periods").flat(), ({ period }) => period.id),
    moments: once(of("moments").flat(), ({ at, type, window, ticket }) => `${at} ${type} ${window} ${ticket ?? ""}`),
    statuses: once(of("statuses").flat(), ({ window, interval }) => `${window} ${interval.start}`),
    alerts: once(of("alerts").flat(), ({ id }) => id),
    observations: once(of("observations").flat(), ({ kind, camera, zone, interval }) => `${kind} ${camera} ${zone ?? ""} ${interval.start}`),
    whole: tiles.every(({ whole }) => whole),
  };
}

/** Each once, as the later tile tells it: there it may have ended meanwhile. */
function once<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[] {
  return [...new Map(items.map((item) => [keyOf(item), item])).values()];
}

function touching(stretches: readonly Interval[]): Interval[] {
  const sorted = [...stretches].sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  const result: Interval[] = [];
  for (const one of sorted) {
    const last = result.at(-1);
    if (last?.end != null && one.end !== null && Date.parse(one.start) <= Date.parse(last.end)) {
      const end = Date.parse(one.end) > Date.parse(last.end) ? one.end : last.end;
      result[result.length - 1] = { start: last.start, end };
    } else result.push(one);
  }
  return result;
}
