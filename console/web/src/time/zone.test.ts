import { describe, expect, it } from "vitest";

import { clockTime, dayAndTime, instantOf, runningTime } from "./zone";

const at = Date.parse("2026-03-02T01:03:07Z");

describe("times of a hall", () => {
  it("are shown in the hall's zone", () => {
    expect(clockTime(at, "Asia/Shanghai")).toBe("09:03:07");
    expect(dayAndTime(at, "America/New_York")).toBe("2026-03-01 20:03:07");
  });

  it("show midnight as zero o'clock", () => {
    expect(clockTime(Date.parse("2026-03-01T16:00:00Z"), "Asia/Shanghai")).toBe("00:00:00");
  });

  it("are read back to the same instant", () => {
    for (const zone of ["Asia/Shanghai", "America/New_York", "Europe/Berlin"]) {
      expect(instantOf(dayAndTime(at, zone), zone)).toBe(at);
    }
  });

  it("are read right on both sides of a change of the clocks", () => {
    expect(instantOf("2026-03-29 01:30:00", "Europe/Berlin")).toBe(Date.parse("2026-03-29T00:30:00Z"));
    expect(instantOf("2026-03-29 03:30:00", "Europe/Berlin")).toBe(Date.parse("2026-03-29T01:30:00Z"));
  });

  it("are refused when they are none", () => {
    expect(instantOf("tomorrow", "Asia/Shanghai")).toBeNull();
  });
});

describe("a running time", () => {
  it("has hours only when it needs them", () => {
    expect(runningTime(0)).toBe("0:00");
    expect(runningTime(187_900)).toBe("3:07");
    expect(runningTime(3_787_000)).toBe("1:03:07");
  });

  it("never runs backwards below zero", () => {
    expect(runningTime(-5_000)).toBe("0:00");
  });
});
