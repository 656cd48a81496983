import { describe, expect, it } from "vitest";

import type { Alert } from "@/api/facts";

import { covered, folded } from "./covering";

const alert = (id: string, kind: Alert["kind"], hall = "h1"): Alert => ({
  id,
  kind,
  rule: kind,
  rule_version: 1,
  severity: "warning",
  status: "open",
  subject: { hall, window: null, camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null },
  interval: { start: "2026-03-02T04:00:00Z", end: null },
  opened_at: "2026-03-02T04:00:00Z",
  reason: { key: kind, values: {}, zh: kind, en: kind },
  revision: 1,
  cameras: [],
  assignee: null,
  snoozed_until: null,
  level: 0,
});

describe("alerts of which one of their hall tells", () => {
  it("stand under it, and every other alert stays where it was", () => {
    const all = [alert("w1", "overlong_wait"), alert("a", "absence"), alert("q", "long_queue"), alert("w2", "overlong_wait")];
    const shown = covered(all).map((one) => [one.alert.id, one.covers.map((other) => other.id)]);
    expect(shown).toEqual([["a", []], ["q", ["w1", "w2"]]]);
  });

  it("stand alone where nothing tells of them, also beside the queue of another hall", () => {
    const all = [alert("w1", "overlong_wait"), alert("q", "long_queue", "h2")];
    expect(covered(all).map((one) => [one.alert.id, one.covers.length])).toEqual([["w1", 0], ["q", 0]]);
  });

  it("loses none", () => {
    const all = ["a", "b", "c", "d"].map((id, place) => alert(id, place % 2 === 0 ? "overlong_wait" : "long_queue"));
    const shown = covered(all).flatMap((one) => [one.alert.id, ...one.covers.map((other) => other.id)]);
    expect([...shown].sort()).toEqual(["a", "b", "c", "d"]);
  });
});

describe("a list of alerts", () => {
  const ended: Alert = { ...alert("old", "overlong_wait"), status: "resolved" };
  const all = [ended, alert("w1", "overlong_wait"), alert("q", "long_queue"), alert("w2", "overlong_wait"), alert("a", "absence")];
  const ids = (unfolded: string[], kept: string | null = null): string[] =>
    folded(all, new Set(unfolded), kept).map((one) => one.alert.id);

  it("folds those that stand under the one that tells of them, with their number", () => {
    expect(ids([])).toEqual(["old", "q", "a"]);
    expect(folded(all, new Set(), null).map((one) => one.covers)).toEqual([0, 2, 0]);
  });

  it("shows them under it when it is unfolded", () => {
    expect(ids(["q"])).toEqual(["old", "q", "w1", "w2", "a"]);
    expect(folded(all, new Set(["q"]), null).filter((one) => one.isUnder)).toHaveLength(2);
  });

  it("never hides the one that somebody followed a link to", () => {
    expect(ids([], "w2")).toEqual(["old", "q", "w2", "a"]);
  });

  it("folds nothing under an alert that does not stand any more", () => {
    const over = all.map((one): Alert => (one.id === "q" ? { ...one, status: "dismissed" } : one));
    expect(folded(over, new Set(), null).map((one) => one.alert.id)).toEqual(["old", "w1", "q", "w2", "a"]);
  });
});
