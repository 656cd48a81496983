/** The speeds of a replay, and what J, K and L make of them. Pure. */

export const RATES = [0.25, 0.5, 1, 1.5, 2, 4, 8] as const;
const SHUTTLE = [1, 2, 4, 8] as const;

/** The next faster (`by` 1) or slower (-1) speed of those that can be chosen. */
export function neighbourRate(rate: number, by: 1 | -1): number {
  const sorted = by === 1 ? RATES.find((one) => one > rate) : [...RATES].reverse().find((one) => one < rate);
  return sorted ?? rate;
}

/** L (`direction` 1) or J (-1): play that way; pressed again, faster. */
export function shuttled(rate: number, isPlaying: boolean, direction: 1 | -1): number {
  if (!isPlaying || Math.sign(rate) !== direction) return direction;
  return direction * (SHUTTLE.find((one) => one > Math.abs(rate)) ?? 8);
}
