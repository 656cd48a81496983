import { describe, expect, it } from "vitest";

import { fallen, filled, levelOf, QUIETEST } from "./level";

const sine = (amplitude: number): Float32Array => Float32Array.from({ length: 4800 }, (_, at) => amplitude * Math.sin((2 * Math.PI * at) / 48));

describe("a level", () => {
  it("is that of the mean power: half a sine is 9 dB below full scale", () => {
    expect(levelOf(sine(0.5))).toBeCloseTo(-9.03, 1);
    expect(levelOf(sine(1))).toBeCloseTo(-3.01, 1);
  });

  it("has a bottom, also for silence and for nothing at all", () => {
    expect(levelOf(new Float32Array(10))).toBe(QUIETEST);
    expect(levelOf(new Float32Array(0))).toBe(QUIETEST);
    expect(levelOf(sine(0.000001))).toBe(QUIETEST);
  });

  it("fills the meter from the bottom to full scale", () => {
    expect([QUIETEST, -30, 0].map(filled)).toEqual([0, 0.5, 1]);
  });

  it("rises at once and falls slowly", () => {
    expect(fallen(-50, -10, 0.1)).toBe(-10);
    expect(fallen(-10, -50, 0.5)).toBe(-22);
  });
});
