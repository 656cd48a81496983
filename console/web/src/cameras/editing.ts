/** The zones that are being drawn: every change makes a new drawing, so that it can be undone and redone. */
import type { ZoneRole } from "@/api/facts";

import { crossesItself, inside, middle, moved, type Point, type Polygon, snapped } from "./polygon";

export const FEWEST_POINTS = 3;
export const MOST_POINTS = 32;
export const MOST_ZONES = 32;
const MOST_STEPS = 200;
const NEW_SIDE = 0.2;

export interface DraftZone {
  readonly id: string;
  readonly role: ZoneRole;
  readonly window: string | null;
  readonly polygon: Polygon;
}

export type Drawing = readonly DraftZone[];

/** Drawings before and after the one that is shown. Changes with the same `step` in a row are one step back. */
export interface History {
  readonly past: readonly Drawing[];
  readonly now: Drawing;
  readonly future: readonly Drawing[];
  readonly step: string;
}

export function begin(now: Drawing): History {
  return { past: [], now, future: [], step: "" };
}

/** The history with another drawing. With a `step` that equals the last one, that step only goes on. */
export function change(history: History, now: Drawing, step = ""): History {
  if (now === history.now) return history;
  if (step !== "" && step === history.step) return { ...history, now, future: [] };
  return { past: [...history.past, history.now].slice(-MOST_STEPS), now, future: [], step };
}

/** End a step: the next change is one of its own. */
export function settle(history: History): History {
  return history.step === "" ? history : { ...history, step: "" };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], step: "" };
}

export function redo(history: History): History {
  const [next, ...rest] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future: rest, step: "" };
}

/** A drawing with one zone changed; the same drawing when nothing changes. */
function withZone(drawing: Drawing, id: string, changed: (zone: DraftZone) => DraftZone): Drawing {
  const zones = drawing.map((zone) => (zone.id === id ? changed(zone) : zone));
  return zones.some((zone, at) => zone !== drawing[at]) ? zones : drawing;
}

export function withPoint(drawing: Drawing, id: string, at: number, point: Point): Drawing {
  const corners = drawing.filter((zone) => zone.id !== id).flatMap((zone) => zone.polygon);
  return placed(drawing, id, at, snapped(point, corners));
}

/** Move a point by a small step: without snapping, which would hold it where it is. */
export function nudged(drawing: Drawing, id: string, at: number, across: number, down: number): Drawing {
  const [x, y] = drawing.find((zone) => zone.id === id)?.polygon[at] ?? [0, 0];
  return placed(drawing, id, at, [inside(x + across), inside(y + down)]);
}

function placed(drawing: Drawing, id: string, at: number, point: Point): Drawing {
  return withZone(drawing, id, (zone) => {
    const known = zone.polygon[at];
    if (known === undefined || (known[0] === point[0] && known[1] === point[1])) return zone;
    return { ...zone, polygon: zone.polygon.map((one, index) => (index === at ? point : one)) };
  });
}

/** Put a point into the side that begins with a point: at a place, or in its middle. */
export function withPointAfter(drawing: Drawing, id: string, at: number, point?: Point): Drawing {
  return withZone(drawing, id, (zone) => {
    if (zone.polygon.length >= MOST_POINTS || at >= zone.polygon.length) return zone;
    const added = point === undefined ? middle(zone.polygon, at) : snapped(point);
    return { ...zone, polygon: [...zone.polygon.slice(0, at + 1), added, ...zone.polygon.slice(at + 1)] };
  });
}

/** Take a point away; three stay. */
export function withoutPoint(drawing: Drawing, id: string, at: number): Drawing {
  return withZone(drawing, id, (zone) => {
    if (zone.polygon.length <= FEWEST_POINTS || zone.polygon[at] === undefined) return zone;
    return { ...zone, polygon: zone.polygon.filter((_, index) => index !== at) };
  });
}

export function withMoved(drawing: Drawing, id: string, across: number, down: number): Drawing {
  return withZone(drawing, id, (zone) => {
    const polygon = moved(zone.polygon, across, down);
    const isSame = JSON.stringify(polygon) === JSON.stringify(zone.polygon);
    return isSame ? zone : { ...zone, polygon };
  });
}

export function withRole(drawing: Drawing, id: string, role: ZoneRole, windows: readonly string[]): Drawing {
  return withZone(drawing, id, (zone) => ({ ...zone, role, window: role === "waiting" ? null : (zone.window ?? windows[0] ?? null) }));
}

export function withWindow(drawing: Drawing, id: string, window: string): Drawing {
  return withZone(drawing, id, (zone) => (zone.window === window ? zone : { ...zone, window }));
}

export function withoutZone(drawing: Drawing, id: string): Drawing {
  return drawing.filter((zone) => zone.id !== id);
}

/** A new zone at the end: for the first window without a staff zone, else for the first. */
export function withNewZone(drawing: Drawing, windows: readonly string[], polygon: Polygon = rectangle()): Drawing {
  if (drawing.length >= MOST_ZONES || polygon.length < FEWEST_POINTS) return drawing;
  const staffed = new Set(drawing.filter((zone) => zone.role === "staff").map((zone) => zone.window));
  const window = windows.find((one) => !staffed.has(one)) ?? windows[0] ?? null;
  const role: ZoneRole = window === null ? "waiting" : "staff";
  return [...drawing, { id: freeId(drawing, role, window), role, window, polygon }];
}

function rectangle(): Polygon {
  const [from, to] = [0.5 - NEW_SIDE / 2, 0.5 + NEW_SIDE / 2];
  return [[from, from], [to, from], [to, to], [from, to]];
}

function freeId(drawing: Drawing, role: ZoneRole, window: string | null): string {
  const wanted = (window === null ? role : `${window}-${role}`).slice(0, 56);
  const taken = new Set(drawing.map((zone) => zone.id));
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? wanted : `${wanted}-${String(number)}`;
    if (!taken.has(id)) return id;
  }
}

/** What keeps a zone from being saved: a key of the texts. */
export type ZoneFault = "crosses" | "window" | "outside" | "few";

/** The faults of each zone, by its id, as the server would find them; what zones have in common it finds alone. */
export function faultsOf(drawing: Drawing, windows: readonly string[]): Readonly<Record<string, readonly ZoneFault[]>> {
  return Object.fromEntries(
    drawing.map((zone) => {
      const found: ZoneFault[] = [];
      if (zone.polygon.length < FEWEST_POINTS) found.push("few");
      else if (crossesItself(zone.polygon)) found.push("crosses");
      if (zone.polygon.some(([x, y]) => x < 0 || x > 1 || y < 0 || y > 1)) found.push("outside");
      if (zone.role !== "waiting" && (zone.window === null || !windows.includes(zone.window))) found.push("window");
      return [zone.id, found];
    }),
  );
}
