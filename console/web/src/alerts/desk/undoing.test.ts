import { describe, expect, it } from "vitest";

import type { Alert } from "@/api/facts";

import { undoOf } from "./undoing";

const before = { id: "a", revision: 1, assignee: "li" } as Alert;
const after = { ...before, revision: 2, assignee: "wang" };

describe("taking an act back", () => {
  it.each(["acknowledge", "dismiss", "snooze"] as const)("reopens after %s, for a reason that stands in the history", (action) => {
    expect(undoOf(action, before, after, "a slip")).toEqual({ alert: after, action: "reopen", members: { reason: "a slip" } });
  });

  it("gives an alert back to whoever had it", () => {
    expect(undoOf("assign", before, after, "")).toEqual({ alert: after, action: "assign", members: { assignee: "li" } });
    expect(undoOf("assign", { ...before, assignee: null }, after, "")?.members).toEqual({ assignee: null });
  });

  it.each(["comment", "reopen"] as const)("is not offered for %s", (action) => {
    expect(undoOf(action, before, after, "")).toBeNull();
  });
});
