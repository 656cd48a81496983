/** How a camera is kept with the clock: by a slightly other rate, by a jump, or by key frames alone. Pure. */

/** Seconds of the replay by which a camera may be off before it jumps; at higher speeds as many times more. */
export const LARGEST_DRIFT = 0.3;
/** Below this nothing is done: it cannot be seen. */
const NOT_WORTH_IT = 0.02;
/** Seconds in which a drift is made good. */
const MADE_GOOD_IN = 1.5;
/** How far the rate may differ: more is heard. */
const LARGEST_SHARE = 0.1;

export type Correction = { readonly kind: "rate"; readonly rate: number } | { readonly kind: "jump" };

/** What to do about a camera that is `drift` seconds ahead of the clock (behind, if negative) at a rate above 0. */
export function correction(drift: number, rate: number): Correction {
  const scale = Math.max(1, rate);
  if (Math.abs(drift) > LARGEST_DRIFT * scale) return { kind: "jump" };
  if (Math.abs(drift) < NOT_WORTH_IT * scale) return { kind: "rate", rate };
  const share = Math.min(LARGEST_SHARE, Math.max(-LARGEST_SHARE, -drift / MADE_GOOD_IN / rate));
  return { kind: "rate", rate: rate * (1 + share) };
}

const JUMPS = 3;
const WITHIN_MS = 8_000;

/** Notices that a camera cannot keep up at a speed: it had to jump again and again. */
export class Pace {
  #jumps: number[] = [];

  jumped(now: number): void {
    this.#jumps = [...this.#jumps.filter((at) => now - at < WITHIN_MS), now];
  }

  isTooSlow(now: number): boolean {
    return this.#jumps.filter((at) => now - at < WITHIN_MS).length >= JUMPS;
  }

  forget(): void {
    this.#jumps = [];
  }
}

/** How long a jump takes, learnt from those before it: a running clock is aimed at where it will be by then. */
export class Lag {
  #seconds = 0.1;

  get seconds(): number {
    return this.#seconds;
  }

  took(seconds: number): void {
    this.#seconds = Math.min(0.6, 0.6 * this.#seconds + 0.4 * seconds);
  }
}
