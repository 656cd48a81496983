import { describe, expect, it } from "vitest";

import type { Sighting } from "@/push/messages";

import { after, drawn, type Known, lasting, OLDEST_MS } from "./boxes";

const NOON = Date.parse("2026-03-02T04:00:00Z");
type Box = Sighting["zones"][number]["boxes"][number];
const CLERK: Box = [0.1, 0.2, 0.3, 0.6];
const VISITOR: Box = [0.5, 0.4, 0.7, 0.9];

function sighting(at: number, zones: Readonly<Record<string, readonly Box[]>>, camera = "c1"): Sighting {
  return { camera, at: new Date(at).toISOString(), zones: Object.entries(zones).map(([zone, boxes]) => ({ zone, boxes: [...boxes] })) };
}

const NOTHING: Known = new Map();

describe("boxes around people", () => {
  it("stand where they were told, and fade with their age", () => {
    const known = after(NOTHING, sighting(NOON, { staff: [CLERK] })).get("c1");
    const [box] = drawn(known, NOON);
    expect(box).toMatchObject({ x: 0.1, y: 0.2, opacity: 1 });
    expect(box?.width).toBeCloseTo(0.2);
    expect(box?.height).toBeCloseTo(0.4);
    const opacities = [0, 1_000, 2_000, 3_000].map((age) => drawn(known, NOON + age)[0]?.opacity ?? 0);
    expect(opacities).toEqual([1, 0.75, 0.5, 0.25]);
  });

  it("are not drawn once they are too old, and then forgotten", () => {
    const known = after(NOTHING, sighting(NOON, { staff: [CLERK] }));
    expect(drawn(known.get("c1"), NOON + OLDEST_MS + 1)).toEqual([]);
    expect(lasting(known, new Set(["c1"]), NOON + OLDEST_MS).size).toBe(1);
    expect(lasting(known, new Set(["c1"]), NOON + OLDEST_MS + 1).size).toBe(0);
  });

  it("go at once with a picture that shows nobody in the zone", () => {
    const known = after(after(NOTHING, sighting(NOON, { staff: [CLERK] })), sighting(NOON + 500, { staff: [] }));
    expect(drawn(known.get("c1"), NOON + 500)).toEqual([]);
  });

  it("of a zone that a picture does not tell of stay, and grow older", () => {
    const known = after(after(NOTHING, sighting(NOON, { staff: [CLERK], hall: [VISITOR] })), sighting(NOON + 1_000, { staff: [CLERK] }));
    expect(drawn(known.get("c1"), NOON + 1_000).map(({ key, opacity }) => [key, opacity])).toEqual([["staff 0", 1], ["hall 0", 0.75]]);
  });

  it("of an older picture that comes late do not replace newer ones", () => {
    const known = after(after(NOTHING, sighting(NOON, { staff: [] })), sighting(NOON - 1_000, { staff: [CLERK] }));
    expect(drawn(known.get("c1"), NOON)).toEqual([]);
  });

  it("are drawn once for somebody who is seen in two zones", () => {
    const near: Box = [0.11, 0.21, 0.31, 0.61];
    const known = after(NOTHING, sighting(NOON, { staff: [CLERK], hall: [near, VISITOR] }));
    expect(drawn(known.get("c1"), NOON).map(({ x }) => x)).toEqual([0.1, 0.5]);
  });

  it("of a camera that is not watched any more are forgotten", () => {
    const known = after(after(NOTHING, sighting(NOON, { staff: [CLERK] })), sighting(NOON, { staff: [VISITOR] }, "c2"));
    expect([...lasting(known, new Set(["c2"]), NOON).keys()]).toEqual(["c2"]);
  });
});
