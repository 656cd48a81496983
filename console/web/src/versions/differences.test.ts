import { describe, expect, it } from "vitest";

import { fieldChanges, placeOf } from "./differences";

describe("what differs between two contents of a part", () => {
  it("is told member by member, however deep", () => {
    const before = { id: "r", version: 1, limit_seconds: 300, schedule: { days: ["mon"], always: false } };
    const after = { id: "r", version: 2, limit_seconds: 240, schedule: { days: ["mon", "tue"], always: false } };
    expect(fieldChanges(before, after)).toEqual([
      { path: ["limit_seconds"], before: 300, after: 240 },
      { path: ["schedule", "days"], before: ["mon"], after: ["mon", "tue"] },
    ]);
  });

  it("finds objects of lists again by their ids, wherever they stand", () => {
    const staff = { id: "a", role: "staff" };
    const waiting = { id: "b", role: "waiting" };
    expect(fieldChanges({ zones: [staff, waiting] }, { zones: [waiting, { ...staff, role: "customer" }] })).toEqual([
      { path: ["zones", "a", "role"], before: "staff", after: "customer" },
    ]);
    expect(fieldChanges({ zones: [staff] }, { zones: [] })).toEqual([
      { path: ["zones", "a", "id"], before: "a", after: null },
      { path: ["zones", "a", "role"], before: "staff", after: null },
    ]);
  });

  it("keeps a name of both languages, and lists without ids, in one piece", () => {
    const zh = { zh: "窗口", en: "Window" };
    expect(fieldChanges({ name: zh, raises: [] }, { name: { ...zh, en: "Desk" }, raises: [{ people: 3 }] })).toEqual([
      { path: ["name"], before: zh, after: { ...zh, en: "Desk" } },
      { path: ["raises"], before: [], after: [{ people: 3 }] },
    ]);
  });

  it("is everything that a new part says, and nothing that it leaves out", () => {
    const made = { id: "u2", name: { zh: "税务", en: "Tax" }, scope: { units: [], windows: [] }, basis: null, enabled: true };
    expect(fieldChanges(null, made).map(({ path }) => path)).toEqual([["name"], ["enabled"]]);
    expect(fieldChanges(made, null).every(({ after }) => after === null)).toBe(true);
  });

  it("tells apart what says nothing from what says no", () => {
    expect(fieldChanges({ exempt: null }, { exempt: { units: [] } })).toEqual([]);
    expect(fieldChanges({ enabled: true }, { enabled: false })).toEqual([{ path: ["enabled"], before: true, after: false }]);
    expect(fieldChanges({ grace_seconds: null }, { grace_seconds: 0 })).toEqual([{ path: ["grace_seconds"], before: null, after: 0 }]);
  });
});

describe("the name of a part", () => {
  it("says where it lies", () => {
    expect(placeOf("halls/h1/windows/w1")).toEqual({ hall: "h1", collection: "windows", id: "w1" });
    expect(placeOf("halls/h1/schedule")).toEqual({ hall: "h1", collection: "schedule", id: "" });
    expect(placeOf("site/notifiers/duty")).toEqual({ hall: "", collection: "notifiers", id: "duty" });
  });
});
