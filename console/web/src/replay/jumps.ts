/** The next and the previous of what happened. Pure; moments in milliseconds. */

/** Who jumps on while it plays has gone on a little since the last jump. */
const JUST_PASSED_MS = 1500;
const SAME_MS = 120;

export function nextEvent(moments: readonly number[], wall: number): number | null {
  const later = moments.filter((at) => at > wall + SAME_MS);
  return later.length === 0 ? null : Math.min(...later);
}

export function previousEvent(moments: readonly number[], wall: number): number | null {
  const earlier = moments.filter((at) => at < wall - JUST_PASSED_MS);
  return earlier.length === 0 ? null : Math.max(...earlier);
}
