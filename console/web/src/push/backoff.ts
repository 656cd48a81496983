/** How long to wait before trying again: doubling up to a limit, with jitter so that screens do not return all at once. */
export interface Backoff {
  /** Seconds to wait before the next attempt; each call counts one failed attempt. */
  next(): number;
  /** An attempt has succeeded: begin anew. */
  reset(): void;
}

export function backoff(first = 0.5, limit = 15, random: () => number = Math.random): Backoff {
  let failed = 0;
  return {
    next() {
      const whole = Math.min(limit, first * 2 ** failed);
      failed += 1;
      return whole / 2 + (random() * whole) / 2;
    },
    reset() {
      failed = 0;
    },
  };
}
