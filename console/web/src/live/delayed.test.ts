import { describe, expect, it } from "vitest";

import { joinAt, type Piece } from "./delayed";

const NOON = Date.parse("2026-03-02T04:00:00Z");

/** Files of so many seconds each, in pieces of two; the last ends `age` seconds before noon. */
function playlist(files: readonly number[], age: number): Piece[] {
  const length = files.reduce((sum, one) => sum + one, 0);
  const began = NOON - (length + age) * 1000;
  let start = 0;
  return files.flatMap((seconds, cc) =>
    Array.from({ length: seconds / 2 }, () => {
      const piece = { start, duration: 2, cc, programDateTime: began + start * 1000 };
      start += 2;
      return piece;
    }),
  );
}

describe("where a recording is joined near its end", () => {
  it("is one file and some seconds before the present, whenever one comes", () => {
    for (const age of [0, 3, 7]) {
      const pieces = playlist([10, 10, 10], age);
      const at = joinAt(pieces, NOON) ?? 0;
      const wall = (pieces[0]?.programDateTime ?? 0) + at * 1000;
      expect(NOON - wall).toBe(14_000);
    }
  });

  it("is near the end of the last file when the next is overdue", () => {
    expect(joinAt(playlist([10, 10], 40), NOON)).toBe(17);
  });

  it("is not before the beginning of the playlist", () => {
    expect(joinAt(playlist([60], 0), NOON)).toBe(0);
    expect(joinAt([], NOON)).toBeNull();
  });
});
