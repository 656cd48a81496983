/** Where people are in pictures, and how old that is: pure. A box fades with its age, and none is drawn that is too old. */
import type { Sighting } from "@/push/messages";

/** Beyond this age a box says nothing about the picture that is seen. */
export const OLDEST_MS = 3_000;
/** Opacity of a box that is about to go. */
const FAINTEST = 0.25;
/** Two boxes that share this much of the smaller one are one person, seen in two zones. */
const SAME = 0.72;

type Box = Sighting["zones"][number]["boxes"][number];

/** What was told of one zone last, and when that picture was taken, in milliseconds of the server's clock. */
interface KnownZone { readonly at: number; readonly boxes: readonly Box[] }

/** What is known of each zone of each camera. */
export type Known = ReadonlyMap<string, ReadonlyMap<string, KnownZone>>;

export interface DrawnBox {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly opacity: number;
}

/** What is known after a picture was told of; zones that it did not tell of stay as they were. */
export function after(known: Known, sighting: Sighting): Known {
  const at = Date.parse(sighting.at);
  const zones = new Map(known.get(sighting.camera));
  for (const { zone, boxes } of sighting.zones) if (at >= (zones.get(zone)?.at ?? 0)) zones.set(zone, { at, boxes });
  return new Map(known).set(sighting.camera, zones);
}

/** What is still to be drawn at `now`, or was told of cameras that are still watched. */
export function lasting(known: Known, watched: ReadonlySet<string>, now: number): Known {
  const left = new Map<string, ReadonlyMap<string, KnownZone>>();
  for (const [camera, zones] of known) {
    const young = new Map([...zones].filter(([, { at }]) => now - at <= OLDEST_MS));
    if (young.size > 0 && watched.has(camera)) left.set(camera, young);
  }
  return left;
}

/** The boxes of one camera at `now`, each person once, the newest first. */
export function drawn(zones: ReadonlyMap<string, KnownZone> | undefined, now: number): DrawnBox[] {
  const kept: Box[] = [];
  const found: DrawnBox[] = [];
  const newestFirst = [...(zones ?? [])].sort(([, one], [, other]) => other.at - one.at);
  for (const [zone, { at, boxes }] of newestFirst) {
    const age = Math.max(0, now - at);
    if (age > OLDEST_MS) continue;
    boxes.forEach((box, place) => {
      if (kept.some((other) => shared(box, other) >= SAME)) return;
      kept.push(box);
      const [left, top, right, bottom] = box;
      const opacity = 1 - (1 - FAINTEST) * (age / OLDEST_MS);
      found.push({ key: `${zone} ${String(place)}`, x: left, y: top, width: right - left, height: bottom - top, opacity });
    });
  }
  return found;
}

/** The common area of two boxes as a share of the smaller one. */
function shared(one: Box, other: Box): number {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  if (width <= 0 || height <= 0) return 0;
  const smaller = Math.min(...[one, other].map(([left, top, right, bottom]) => (right - left) * (bottom - top)));
  return smaller > 0 ? (width * height) / smaller : 0;
}
