/** How loud something is: pure. */

export const QUIETEST = -60;

/** The level of samples between -1 and 1, in dBFS: a full square wave is 0. Never below `QUIETEST`. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const power = samples.length === 0 ? 0 : sum / samples.length;
  return power > 0 ? Math.max(QUIETEST, Math.min(0, 10 * Math.log10(power))) : QUIETEST;
}

/** What a level fills of a meter, 0 to 1. */
export function filled(level: number): number {
  return (level - QUIETEST) / -QUIETEST;
}

/** A meter rises at once and falls slowly, so that a short sound is seen. */
export function fallen(shown: number, level: number, seconds: number, fall = 24): number {
  return Math.max(level, shown - fall * seconds);
}
