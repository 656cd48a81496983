/** How many tiles of equal size stand beside each other so that all of them are on the screen, as large as can be. */

export interface Fit {
  readonly columns: number;
  readonly rows: number;
  /** The size in pixels of the text that fits. */
  readonly text: number;
}

/** Of a tile, in em of its text: two lines high, and wide enough for a number and the longest word for a state. */
const HIGH = 2.75;
const WIDE = 12;

/** The columns and rows for `count` tiles in an area of `width` by `height` pixels with `gap` between tiles. */
export function fitted(count: number, width: number, height: number, gap: number): Fit {
  let best: Fit = { columns: 1, rows: Math.max(1, count), text: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns += 1) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const wide = (width - gap * (columns - 1)) / columns;
    const high = (height - gap * (rows - 1)) / rows;
    const text = Math.min(wide / WIDE, high / HIGH);
    if (text > best.text) best = { columns, rows, text };
  }
  return best;
}

/** How many of a list stand wholly above `edge`, by their lower edges from the first on; the first one counts in any case. */
export function whole(lower: readonly number[], edge: number): number {
  const first = lower.findIndex((one) => one > edge + 0.5);
  return first < 0 ? lower.length : Math.max(1, first);
}
