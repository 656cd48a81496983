/**
 * The one clock of a replay: which moment is shown. All cameras follow it.
 *
 * Pure: `now` is a steady time in milliseconds (as of performance.now), moments are wall time in milliseconds
 * since 1970. A negative rate runs backwards.
 */
export class MasterClock {
  #wall: number;
  #since: number;
  #rate = 1;
  #isPlaying = false;
  #isHeld = false;

  constructor(wall: number, now: number) {
    this.#wall = wall;
    this.#since = now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Whether it is meant to run. */
  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** Whether it stands although it is meant to run: pictures are awaited. */
  get isHeld(): boolean {
    return this.#isPlaying && this.#isHeld;
  }

  /** Whether it moves. */
  get runs(): boolean {
    return this.#isPlaying && !this.#isHeld;
  }

  at(now: number): number {
    return this.runs ? this.#wall + (now - this.#since) * this.#rate : this.#wall;
  }

  seek(wall: number, now: number): void {
    this.#wall = wall;
    this.#since = now;
  }

  setRate(rate: number, now: number): void {
    this.seek(this.at(now), now);
    this.#rate = rate;
  }

  play(now: number): void {
    this.seek(this.at(now), now);
    this.#isPlaying = true;
  }

  pause(now: number): void {
    this.seek(this.at(now), now);
    this.#isPlaying = false;
  }

  /** Stand, or go on, while pictures are awaited. */
  hold(isHeld: boolean, now: number): void {
    if (isHeld === this.#isHeld) return;
    this.seek(this.at(now), now);
    this.#isHeld = isHeld;
  }
}
