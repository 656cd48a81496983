import { describe, expect, it } from "vitest";

import type { ReferenceList } from "@/api/facts";
import type { MessageKey, Values } from "@/messages/text";

import { hindrances } from "./references";

const t = (key: MessageKey, values: Values = {}): string => [key, ...Object.values(values)].join(" ");
const NOTHING: ReferenceList = { items: [], shifts: 0, shifts_from: null, leaves: 0 };
const called = (_collection: string, id: string): string => id.toUpperCase();

function words(told: Partial<ReferenceList>, exists: (route: string) => boolean = () => true): unknown[] {
  return hindrances({ ...NOTHING, ...told }, "units", called, exists, t).map((one) => [one.words, one.to]);
}

describe("what stands in the way of a removal", () => {
  it("is named as people call it, with the screen where it is changed", () => {
    const items = [{ collection: "windows", id: "w1", message: "there is no unit 'u1'" }, { collection: "cameras", id: "c1", message: "" }];
    expect(words({ items })).toEqual([
      ["references.window W1", { name: "admin-windows", params: { one: "w1" } }],
      ["references.camera C1", { name: "admin-zones", params: { camera: "c1" } }],
    ]);
    expect(words({ items }, () => false).map((one) => (one as unknown[])[1])).toEqual([null, null]);
  });

  it("may be that it is the last one, or a camera that one may not see", () => {
    expect(words({ items: [{ collection: "units", id: null, message: "too short" }] })).toEqual([["references.last", null]]);
    expect(words({ items: [{ collection: "cameras", id: null, message: "" }] })).toEqual([["references.hiddenCamera", null]]);
  });

  it("may be the roster to come", () => {
    const told = words({ shifts: 2, shifts_from: "2026-03-02", leaves: 1 }, () => false);
    expect(told).toEqual([["references.shifts 2 2026-03-02", null], ["references.leaves 1", null]]);
  });

  it("is told in the words of the server where no screen is known", () => {
    const items = [{ collection: "queues", id: "q1", message: "names it" }, { collection: "escalation", id: null, message: "names it" }];
    expect(words({ items })).toEqual([["queues · q1 · names it", null], ["escalation · names it", null]]);
  });

  it("is nothing when nothing refers to it", () => {
    expect(words({})).toEqual([]);
  });
});
