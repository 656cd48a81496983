import { describe, expect, it } from "vitest";

import { lasting, percent, size } from "./amounts";

describe("sizes", () => {
  it("are told in the unit of a thousand that suits them", () => {
    expect([0, 999, 1000, 51_200_000_000, 271_000_000_000, 999_600].map(size)).toEqual(["0 B", "999 B", "1.0 kB", "51.2 GB", "271 GB", "1.0 MB"]);
  });

  it("are never less than nothing", () => {
    expect(size(-5)).toBe("0 B");
  });
});

describe("durations", () => {
  it("are told in one unit", () => {
    const told = [0, 1.44, 89, 90, 5_399, 5_400, 172_799, 172_800, 8_640_000].map((seconds) => {
      const { key, values } = lasting(seconds);
      return `${String(values.n)} ${key.replace("system.", "")}`;
    });
    expect(told).toEqual(["0 seconds", "1.4 seconds", "89 seconds", "1 minutes", "89 minutes", "1 hours", "47 hours", "2 days", "100 days"]);
  });
});

describe("shares", () => {
  it("stay between nothing and all", () => {
    expect([percent(1, 3), percent(5, 4), percent(1, 0)]).toEqual([33.3, 100, 0]);
  });
});
