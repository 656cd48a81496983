import { describe, expect, it } from "vitest";

import type { TransactionReplay } from "@/api/facts";

import { gapAt } from "./gaps";
import { playlistAround } from "./source";
import { placeAt, wallTimeAt } from "./walltime";

const at = (second: number): number => Date.UTC(2026, 2, 2, 1) + second * 1000;
const iso = (second: number): string => new Date(at(second)).toISOString();

describe("wall time in a playlist with a gap", () => {
  const fragments = [
    { start: 0, duration: 10, programDateTime: at(0) },
    { start: 10, duration: 10, programDateTime: at(10.4) },
    { start: 20, duration: 10, programDateTime: at(60) },
  ];

  it("is found from media time, and back", () => {
    for (const second of [0, 5, 15, 65]) {
      const place = placeAt(fragments, at(second));
      if (place.kind !== "picture") throw new Error(`no picture at ${second}`);
      expect(wallTimeAt(fragments, place.media)).toBeCloseTo(at(second), 3);
    }
  });

  it("tells the key frame before a moment", () => {
    expect(placeAt(fragments, at(67))).toMatchObject({ kind: "picture", media: 27, key: 20 });
  });

  it("is a gap where nothing was recorded, and tells what comes after it", () => {
    expect(placeAt(fragments, at(30))).toEqual({ kind: "gap", next: 20, nextWall: at(60) });
    expect(placeAt(fragments, at(-5))).toEqual({ kind: "gap", next: 0, nextWall: at(0) });
    expect(placeAt(fragments, at(500))).toEqual({ kind: "gap", next: null, nextWall: null });
    expect(placeAt([], at(0))).toEqual({ kind: "gap", next: null, nextWall: null });
  });

  it("shows the last picture over the seam of two files", () => {
    expect(placeAt(fragments, at(10.2))).toMatchObject({ kind: "picture", key: 0 });
  });

  it("is unknown outside of every fragment", () => {
    expect(wallTimeAt(fragments, 31)).toBeNull();
    expect(wallTimeAt([], 0)).toBeNull();
  });
});

describe("the gap of a camera", () => {
  const gap = { camera: "c1", interval: { start: iso(50), end: iso(70) }, reason: "offline", detail: "" } as const;

  it("is known from its first moment to its last", () => {
    expect(gapAt([gap], "c1", at(50))?.reason).toBe("offline");
    expect(gapAt([gap], "c1", at(70))).toBeNull();
    expect(gapAt([gap], "c2", at(60))).toBeNull();
    expect(gapAt([{ ...gap, interval: { start: iso(50), end: null } }], "c1", at(9999))?.reason).toBe("offline");
  });
});

describe("the playlist of a moment", () => {
  const transaction = {
    from: iso(0), to: iso(120), cameras: [{ camera: "c1", segments: [], gaps: [] }], transaction: { id: "x1" },
  } as unknown as TransactionReplay;

  it("is that of the transaction as long as it shows the camera", () => {
    expect(playlistAround("c1", at(60), transaction)).toEqual({ url: "/api/v1/transactions/x1/playlist.m3u8?camera=c1", window: { from: at(0), to: at(120) } });
    expect(playlistAround("c9", at(60), transaction).url).toContain("/cameras/c9/");
    expect(playlistAround("c1", at(120), transaction).url).toContain("/cameras/c1/");
  });

  it("is the same for moments near each other, and holds each of them with some time before it", () => {
    const one = playlistAround("c1", at(125), null);
    expect(playlistAround("c1", at(300), null)).toEqual(one);
    for (const second of [0, 119, 121, 5000]) {
      const { window } = playlistAround("c1", at(second), null);
      expect(window.from).toBeLessThanOrEqual(at(second) - 120_000);
      expect(window.to).toBeGreaterThan(at(second) + 20 * 60_000);
    }
  });
});
