import { describe, expect, it } from "vitest";

import type { Lock } from "@/api/facts";

import { byEnd, ending, longerThan, stateOf } from "./holding";

const NOW = Date.parse("2026-03-02T01:00:00Z");
const DAY = 86_400_000;

function lock(days: number | null, released = false): Lock {
  return {
    id: `l${String(days)}`,
    hall: "h1",
    owner: "li",
    kind: "manual",
    reference: "",
    reason: "why",
    interval: { start: "2026-03-02T00:00:00Z", end: "2026-03-02T00:10:00Z" },
    cameras: ["c1"],
    created_at: "2026-03-02T00:00:00Z",
    expires_at: days === null ? null : new Date(NOW + days * DAY).toISOString(),
    released_at: released ? "2026-03-02T00:30:00Z" : null,
    released_by: released ? "wang" : null,
    release_reason: released ? "settled" : "",
  };
}

describe("a lock", () => {
  it("holds until its end, and not at it", () => {
    expect(stateOf(lock(1), NOW)).toBe("holds");
    expect(stateOf(lock(0), NOW)).toBe("expired");
    expect(stateOf(lock(null), NOW)).toBe("holds");
  });

  it("that was released says so, also after its end", () => {
    expect(stateOf(lock(null, true), NOW)).toBe("released");
    expect(stateOf(lock(-1, true), NOW)).toBe("released");
  });

  it("is offered only what makes it hold longer", () => {
    expect(longerThan(lock(30), NOW)).toEqual([90, 365, 1095, 0]);
    expect(longerThan(lock(2000), NOW)).toEqual([0]);
    expect(longerThan(lock(null), NOW)).toEqual([]);
  });

  it("ends so many days from now, or never by itself", () => {
    expect(ending(7, NOW)).toBe("2026-03-09T01:00:00.000Z");
    expect(ending(0, NOW)).toBeNull();
  });

  it("that holds longest comes first", () => {
    expect(byEnd([lock(1), lock(null), lock(9)]).map(({ id }) => id)).toEqual(["lnull", "l9", "l1"]);
  });
});
