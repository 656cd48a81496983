/** Between wall time and media time of an HLS playlist, whose fragments carry both. Pure. */

/** The part of a playlist's fragment that is used. Wall time in milliseconds since 1970, media time in seconds. */
export interface Fragment {
  readonly start: number;
  readonly duration: number;
  readonly programDateTime: number | null;
}

/** A hole between two fragments that is shorter than this is no gap: the picture before it stays. */
const SEAM_MS = 1000;

/**
 * Where a moment lies in a playlist: in a picture, or between pictures (`next`: the media time of the next one).
 */
export type Place =
  | { readonly kind: "picture"; readonly media: number; readonly key: number }
  | { readonly kind: "gap"; readonly next: number | null; readonly nextWall: number | null };

export function placeAt(fragments: readonly Fragment[], wall: number): Place {
  const found = lastBefore(fragments, wall);
  const after = fragments[found + 1];
  const fragment = fragments[found];
  const next = after === undefined ? null : after.start;
  const nextWall = after?.programDateTime ?? null;
  if (fragment?.programDateTime == null) return { kind: "gap", next, nextWall };
  const into = (wall - fragment.programDateTime) / 1000;
  if (into < fragment.duration) return { kind: "picture", media: fragment.start + into, key: fragment.start };
  const isSeam = nextWall !== null && nextWall - (fragment.programDateTime + fragment.duration * 1000) <= SEAM_MS;
  if (isSeam) return { kind: "picture", media: fragment.start + Math.max(0, fragment.duration - 0.02), key: fragment.start };
  return { kind: "gap", next, nextWall };
}

/** The wall time of a media time, or null outside of every fragment. */
export function wallTimeAt(fragments: readonly Fragment[], media: number): number | null {
  let [low, high] = [0, fragments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((fragments[middle]?.start ?? 0) <= media) low = middle + 1;
    else high = middle;
  }
  const fragment = fragments[low - 1];
  if (fragment?.programDateTime == null || media >= fragment.start + fragment.duration) return null;
  return fragment.programDateTime + (media - fragment.start) * 1000;
}

/** The index of the last fragment that begins at or before a moment; -1 when none does. */
function lastBefore(fragments: readonly Fragment[], wall: number): number {
  let [low, high] = [0, fragments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((fragments[middle]?.programDateTime ?? 0) <= wall) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
