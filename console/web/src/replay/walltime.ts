/** Between wall time and media time of an HLS playlist, whose fragments carry both. */

/** The part of a playlist's fragment that is used. Wall time in milliseconds since 1970, media time in seconds. */
export interface Fragment {
  readonly start: number;
  readonly duration: number;
  readonly programDateTime: number | null;
}

/** The media time that shows `wall`; in a gap, the next picture after it; past the end, the last one. */
export function mediaTimeAt(fragments: readonly Fragment[], wall: number): number | null {
  let last: number | null = null;
  for (const { start, duration, programDateTime } of fragments) {
    if (programDateTime === null) continue;
    if (wall < programDateTime) return start;
    const into = (wall - programDateTime) / 1000;
    if (into < duration) return start + into;
    last = start + Math.max(0, duration - 0.1);
  }
  return last;
}

/** The wall time of a media time, or null outside of every fragment. */
export function wallTimeAt(fragments: readonly Fragment[], media: number): number | null {
  for (const { start, duration, programDateTime } of fragments) {
    if (programDateTime !== null && media >= start && media < start + duration) return programDateTime + (media - start) * 1000;
  }
  return null;
}
