import { describe, expect, it } from "vitest";

import { fitted, whole } from "./fitting";

describe("tiles on one screen", () => {
  it("holds every tile, whatever their number", () => {
    for (const count of [1, 2, 7, 40, 199, 200, 500]) {
      const { columns, rows } = fitted(count, 1400, 900, 8);
      expect(columns * rows).toBeGreaterThanOrEqual(count);
      expect((rows - 1) * columns).toBeLessThan(count);
    }
  });

  it("makes them as large as can be: one fills the screen, four stand two by two", () => {
    expect(fitted(1, 1900, 1000, 8)).toMatchObject({ columns: 1, rows: 1 });
    expect(fitted(4, 1900, 500, 8)).toMatchObject({ columns: 2, rows: 2 });
  });

  it("keeps two hundred tiles of a full-HD wall legible", () => {
    expect(fitted(200, 1450, 900, 6).text).toBeGreaterThan(11.5);
  });

  it("has an answer for no tiles and for no room", () => {
    expect(fitted(0, 1000, 500, 8)).toMatchObject({ columns: 1, rows: 1 });
    expect(fitted(3, 0, 0, 8).columns).toBeGreaterThan(0);
  });
});

describe("a list that is longer than its room", () => {
  it("shows what stands wholly in it", () => {
    expect(whole([100, 200, 300], 250)).toBe(2);
    expect(whole([100, 200, 300], 300)).toBe(3);
    expect(whole([], 300)).toBe(0);
  });

  it("shows the first one even where that is cut", () => {
    expect(whole([400, 500], 250)).toBe(1);
  });
});
