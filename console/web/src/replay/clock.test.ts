import { describe, expect, it } from "vitest";

import { MasterClock } from "./clock";
import { correction, Lag, LARGEST_DRIFT, Pace } from "./drift";
import { behindGap, isHeld, type Standing } from "./holding";
import { nextEvent, previousEvent } from "./jumps";
import { neighbourRate, shuttled } from "./shuttle";

const WALL = 1_000_000;

describe("the clock of a replay", () => {
  it("runs at its rate, and backwards", () => {
    const clock = new MasterClock(WALL, 0);
    expect(clock.at(500)).toBe(WALL);
    clock.play(500);
    expect(clock.at(1500)).toBe(WALL + 1000);
    clock.setRate(4, 1500);
    expect(clock.at(2500)).toBe(WALL + 5000);
    clock.setRate(-2, 2500);
    expect(clock.at(3500)).toBe(WALL + 3000);
  });

  it("stands while pictures are awaited, and goes on from there", () => {
    const clock = new MasterClock(WALL, 0);
    clock.play(0);
    clock.hold(true, 100);
    expect([clock.isHeld, clock.runs, clock.at(5000)]).toEqual([true, false, WALL + 100]);
    clock.hold(false, 5000);
    expect(clock.at(5100)).toBe(WALL + 200);
  });

  it("shows the moment that was sought, playing or not", () => {
    const clock = new MasterClock(WALL, 0);
    clock.seek(WALL + 9000, 10);
    expect(clock.at(900)).toBe(WALL + 9000);
    clock.play(900);
    clock.pause(1000);
    expect(clock.at(2000)).toBe(WALL + 9100);
    expect(clock.isHeld).toBe(false);
  });
});

describe("a camera that drifts", () => {
  it("is left alone while nobody could see it", () => {
    expect(correction(0.01, 1)).toEqual({ kind: "rate", rate: 1 });
  });

  it("is slowed when it is ahead and hurried when it is behind, never by more than a tenth", () => {
    for (const rate of [0.25, 1, 8]) {
      for (const drift of [-0.29, -0.1, 0.1, 0.29]) {
        const found = correction(drift, rate);
        if (found.kind !== "rate") throw new Error(`it jumped at ${drift}`);
        expect(Math.sign(found.rate - rate)).toBe(Math.abs(drift) < 0.02 * Math.max(1, rate) ? 0 : -Math.sign(drift));
        expect(Math.abs(found.rate / rate - 1)).toBeLessThanOrEqual(0.1 + 1e-9);
      }
    }
  });

  it("comes back into step by that alone", () => {
    let drift = 0.29;
    for (let step = 0; step < 600; step += 1) {
      const found = correction(drift, 1);
      if (found.kind !== "rate") throw new Error("it jumped");
      drift += (found.rate - 1) * 0.016;
    }
    expect(Math.abs(drift)).toBeLessThan(0.021);
  });

  it("jumps when it is too far off", () => {
    expect(correction(LARGEST_DRIFT + 0.01, 1)).toEqual({ kind: "jump" });
    expect(correction(-LARGEST_DRIFT - 0.01, 1)).toEqual({ kind: "jump" });
    expect(correction(-1, 8).kind).toBe("rate");
  });

  it("shows key frames only once it had to jump again and again", () => {
    const pace = new Pace();
    pace.jumped(0);
    pace.jumped(2000);
    expect(pace.isTooSlow(2000)).toBe(false);
    pace.jumped(4000);
    expect(pace.isTooSlow(4000)).toBe(true);
    expect(pace.isTooSlow(20_000)).toBe(false);
    pace.forget();
    expect(pace.isTooSlow(4000)).toBe(false);
  });

  it("is aimed ahead by as long as jumps take here", () => {
    const lag = new Lag();
    for (let count = 0; count < 20; count += 1) lag.took(0.4);
    expect(lag.seconds).toBeCloseTo(0.4, 2);
    for (let count = 0; count < 20; count += 1) lag.took(30);
    expect(lag.seconds).toBeLessThanOrEqual(0.6);
  });
});

describe("what holds the clock", () => {
  const shown: Standing = { isLarge: true, isWaiting: false, isInGap: false, isAhead: false, goesOnAt: null };
  const beside = { ...shown, isLarge: false };

  it("is a picture that is awaited: longer for the large one, never for ever", () => {
    expect(isHeld([shown, beside], 0)).toBe(false);
    expect(isHeld([shown, { ...beside, isWaiting: true }], 1000)).toBe(true);
    expect(isHeld([shown, { ...beside, isWaiting: true }], 2000)).toBe(false);
    expect(isHeld([{ ...shown, isWaiting: true }, beside], 2000)).toBe(true);
    expect(isHeld([{ ...shown, isWaiting: true }, beside], 20_000)).toBe(false);
  });

  it("is what is being recorded at this moment, for as long as it takes, but in the large place alone", () => {
    expect(isHeld([{ ...shown, isWaiting: true, isInGap: true, isAhead: true }, beside], 60_000)).toBe(true);
    expect(isHeld([shown, { ...beside, isWaiting: true, isInGap: true, isAhead: true }], 0)).toBe(false);
  });

  it("leaves a gap of all cameras behind, not one in which another camera goes on", () => {
    const inGap = { ...shown, isInGap: true, goesOnAt: WALL + 60_000 };
    expect(behindGap([inGap, { ...inGap, goesOnAt: WALL + 40_000 }], WALL)).toBe(WALL + 40_000);
    expect(behindGap([inGap, beside], WALL)).toBeNull();
    expect(behindGap([], WALL)).toBeNull();
  });

  it("plays through a short gap, and waits where pictures are still to come", () => {
    const inGap = { ...shown, isInGap: true, goesOnAt: WALL + 3000 };
    expect(behindGap([inGap], WALL)).toBeNull();
    expect(behindGap([{ ...inGap, goesOnAt: null }], WALL)).toBeNull();
    expect(behindGap([{ ...inGap, goesOnAt: WALL + 60_000 }, { ...inGap, isAhead: true }], WALL)).toBeNull();
  });
});

describe("the shuttle", () => {
  it("plays forwards with L, and faster with each further L up to eight times", () => {
    let rate = shuttled(1, false, 1);
    const rates = [rate];
    for (let count = 0; count < 5; count += 1) rates.push((rate = shuttled(rate, true, 1)));
    expect(rates).toEqual([1, 2, 4, 8, 8, 8]);
  });

  it("turns round at once with J", () => {
    expect(shuttled(4, true, -1)).toBe(-1);
    expect(shuttled(-1, true, -1)).toBe(-2);
    expect(shuttled(-8, true, 1)).toBe(1);
  });

  it("steps through the speeds from a quarter to eight times", () => {
    expect(neighbourRate(1, 1)).toBe(1.5);
    expect(neighbourRate(1, -1)).toBe(0.5);
    expect(neighbourRate(8, 1)).toBe(8);
    expect(neighbourRate(0.25, -1)).toBe(0.25);
  });
});

describe("jumping between events", () => {
  const moments = [5000, 1000, 9000];

  it("finds the next and the previous one", () => {
    expect(nextEvent(moments, 1000)).toBe(5000);
    expect(nextEvent(moments, 9000)).toBeNull();
    expect(previousEvent(moments, 9000)).toBe(5000);
    expect(previousEvent(moments, 1000)).toBeNull();
  });

  it("goes back beyond the one that has just begun to play", () => {
    expect(previousEvent(moments, 5800)).toBe(1000);
    expect(previousEvent(moments, 7000)).toBe(5000);
  });
});
