/** When the clock waits for pictures, and when it leaves a time behind in which no camera has any. Pure. */

/** What the deck knows of one camera at a moment. */
export interface Standing {
  readonly isLarge: boolean;
  readonly isWaiting: boolean;
  readonly isInGap: boolean;
  readonly isAhead: boolean;
  readonly goesOnAt: number | null;
}

/** The clock waits so long for the camera in the large place, and so long for one beside it. */
const PATIENCE_MS = 10_000;
const PATIENCE_BESIDE_MS = 1_500;

/**
 * Whether the clock stands: a picture that can come is awaited, but not for ever.
 *
 * What is not recorded yet in the large place is awaited as long as it is being recorded: nothing of it is missed.
 */
export function isHeld(cameras: readonly Standing[], waitedMs: number): boolean {
  return cameras.some((one) => {
    if (one.isAhead) return one.isLarge;
    return one.isWaiting && waitedMs < (one.isLarge ? PATIENCE_MS : PATIENCE_BESIDE_MS);
  });
}

/** Gaps of all cameras that are shorter are played through. */
const WORTH_LEAVING_MS = 5_000;
/** How long the reason of a gap is shown before the replay goes on behind it. */
export const GAP_SHOWN_MS = 3_000;

/** Where the replay goes on when no camera has a picture; null while one has, or nobody knows. */
export function behindGap(cameras: readonly Standing[], wall: number): number | null {
  if (cameras.length === 0 || cameras.some((one) => !one.isInGap || one.isAhead)) return null;
  const next = cameras.map((one) => one.goesOnAt).filter((at) => at !== null).filter((at) => at > wall);
  const first = next.length === 0 ? null : Math.min(...next);
  return first !== null && first - wall > WORTH_LEAVING_MS ? first : null;
}
