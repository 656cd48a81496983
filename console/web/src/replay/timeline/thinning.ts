/** Which bars of a lane are worth drawing: so many as there are pixels, however many there are. Pure. */
import type { Bar } from "./lane";
import { placeOf, type Scale } from "./scale";

export interface Placed {
  readonly bar: Bar;
  readonly left: number;
  readonly right: number;
}

const LEAST_PX = 2;

/**
 * The bars within the view, each at least two pixels wide. One that would fall upon the pixels of the one
 * before, of the same kind, is left out. Bars are in the order of time within each kind.
 */
export function visible(bars: readonly Bar[], scale: Scale): Placed[] {
  const { from, to } = scale.bounds;
  const placed: Placed[] = [];
  const covered = new Map<string, number>();
  for (const bar of bars) {
    if (bar.to <= from || bar.from >= to) continue;
    const left = Math.floor(Math.max(scale.left, placeOf(scale, bar.from)));
    const right = Math.ceil(Math.min(scale.right, Math.max(left + LEAST_PX, placeOf(scale, bar.to))));
    const kind = `${bar.tone} ${bar.isHatched ? 1 : 0}`;
    if (right <= (covered.get(kind) ?? -1)) continue;
    covered.set(kind, right);
    placed.push({ bar, left, right });
  }
  return placed;
}
