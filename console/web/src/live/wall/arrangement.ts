/** What stands where on the live wall: pure changes of an arrangement. */

export const SIZES = [1, 4, 9, 16] as const;

/** How many pictures a wall shows at once. */
export type Panes = (typeof SIZES)[number];

export const MOST_PANES = 16;

/** `cameras` has sixteen places, row by row; a smaller wall shows the first of them, and the others wait. */
export interface Arrangement {
  readonly panes: Panes;
  readonly cameras: readonly (string | null)[];
}

export type Direction = "left" | "right" | "up" | "down";

function sixteen(cameras: readonly (string | null)[]): readonly (string | null)[] {
  return Array.from({ length: MOST_PANES }, (_, at) => cameras[at] ?? null);
}

export function arrangement(panes: Panes, cameras: readonly (string | null)[] = []): Arrangement {
  return { panes, cameras: sixteen(cameras) };
}

/** The cameras that are in sight, one place for each pane. */
export function inSight({ panes, cameras }: Arrangement): readonly (string | null)[] {
  return cameras.slice(0, panes);
}

/** The smallest wall that has a pane for each of so many cameras. */
export function sizeFor(count: number): Panes {
  return SIZES.find((size) => size >= count) ?? MOST_PANES;
}

/** The smallest wall with these cameras, each once. */
export function wallOf(cameras: readonly string[]): Arrangement {
  const each = [...new Set(cameras)].slice(0, MOST_PANES);
  return arrangement(sizeFor(each.length), each);
}

/** A camera put into a pane. One that stood elsewhere changes places with what was in the pane. */
export function placed(wall: Arrangement, pane: number, camera: string): Arrangement {
  const before = wall.cameras.indexOf(camera);
  if (before >= 0) return swapped(wall, before, pane);
  return { ...wall, cameras: wall.cameras.map((one, at) => (at === pane ? camera : one)) };
}

/** The cameras of a window: the first into the pane, the others into the free panes that follow it. */
export function placedAll(wall: Arrangement, pane: number, cameras: readonly string[]): Arrangement {
  const [first, ...others] = cameras;
  if (first === undefined) return wall;
  let next = placed(wall, pane, first);
  for (const camera of others) {
    const free = freePane(next, pane);
    if (inSight(next).includes(camera) || free === null) continue;
    next = placed(next, free, camera);
  }
  return next;
}

/** What stands in two panes, the other way round. */
export function swapped(wall: Arrangement, one: number, other: number): Arrangement {
  const { cameras } = wall;
  const at = (place: number): string | null => cameras[place === one ? other : place === other ? one : place] ?? null;
  return { ...wall, cameras: cameras.map((_, place) => at(place)) };
}

export function emptied(wall: Arrangement, pane: number): Arrangement {
  return { ...wall, cameras: wall.cameras.map((one, at) => (at === pane ? null : one)) };
}

/** The next empty pane behind this one, from the first on after the last; null when all are taken. */
export function freePane({ panes, cameras }: Arrangement, after: number): number | null {
  for (let step = 1; step <= panes; step += 1) {
    const pane = (after + step) % panes;
    if (cameras[pane] === null) return pane;
  }
  return null;
}

/** A wall of another size and the pane that is chosen on it: what was chosen stays in sight. */
export function resized(wall: Arrangement, panes: Panes, chosen: number): { wall: Arrangement; chosen: number } {
  if (panes === wall.panes) return { wall, chosen };
  if (chosen < panes) return { wall: { ...wall, panes }, chosen };
  const pane = panes - 1;
  return { wall: { ...swapped(wall, chosen, pane), panes }, chosen: pane };
}

/** The pane beside another; the same at the edge of the wall. */
export function beside(panes: Panes, pane: number, direction: Direction): number {
  const side = Math.sqrt(panes);
  const row = Math.floor(pane / side);
  const column = pane % side;
  const toRow = row + (direction === "down" ? 1 : direction === "up" ? -1 : 0);
  const toColumn = column + (direction === "right" ? 1 : direction === "left" ? -1 : 0);
  if (toRow < 0 || toColumn < 0 || toRow >= side || toColumn >= side) return pane;
  return toRow * side + toColumn;
}

/** The same wall without cameras that the hall no longer has. */
export function known(wall: Arrangement, cameras: ReadonlySet<string>): Arrangement {
  return { ...wall, cameras: wall.cameras.map((one) => (one !== null && cameras.has(one) ? one : null)) };
}

/** Whether two walls show the same. */
export function isSame(one: Arrangement, other: Arrangement): boolean {
  return one.panes === other.panes && inSight(one).every((camera, at) => camera === other.cameras[at]);
}
