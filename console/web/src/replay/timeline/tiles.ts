/**
 * Which parts of the time are asked for, and how finely. Pure.
 *
 * A view is covered by at most two tiles: each is as long as the view or up to four times as long, and lies at
 * a multiple of its length. So panning and zooming ask for little, and for the same again and again.
 */
import type { Stretch } from "../source";

export interface Tile extends Stretch {
  /** Single facts, or figures in buckets. */
  readonly level: "facts" | "overview";
}

const HOUR = 3_600_000;
/** The server tells single facts of at most four hours. */
const FACTS = [HOUR / 4, HOUR, 4 * HOUR] as const;
const OVERVIEW = [16 * HOUR, 64 * HOUR, 256 * HOUR, 1024 * HOUR, 4096 * HOUR, 400 * 24 * HOUR] as const;

/** Buckets of one tile. A view shows at least a quarter of a tile. */
export const BUCKETS = 1600;

export function tilesOf(view: Stretch): Tile[] {
  const span = view.to - view.from;
  const short = FACTS.find((length) => length >= span);
  const length = short ?? OVERVIEW.find((one) => one >= span) ?? 400 * 24 * HOUR;
  const level = short === undefined ? "overview" : "facts";
  const tiles: Tile[] = [];
  for (let from = Math.floor(view.from / length) * length; from < view.to; from += length) tiles.push({ level, from, to: from + length });
  return tiles;
}

export function keyOf(tile: Tile): string {
  return `${tile.level} ${tile.from} ${tile.to}`;
}
