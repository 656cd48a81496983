import { describe, expect, it } from "vitest";

import type { Rule, RuleVersion } from "@/api/facts";

import { lengthOf, limitsOf, standingOf } from "./rules";

const COMMON = {
  version: 1, severity: "warning", enabled: true, basis: null, exempt: null, schedule: null,
  scope: { units: [], windows: [], items: [], steps: [], cameras: [] },
} as const;
const ABSENCE: Rule = {
  ...COMMON, id: "absence", kind: "absence", limit_seconds: 300, raises: [], stale_seconds: 30, allowed_pauses: {},
};

function version(number: number, since: string, until: string | null = null): RuleVersion {
  return { rule: { ...ABSENCE, version: number }, since, until, by: "li", configuration: number };
}

describe("an alert and the versions of its rule", () => {
  it("stands under the newest version as long as that is its own", () => {
    const only = version(1, "2026-03-01T00:00:00Z");
    expect(standingOf({ rule_version: 1 }, [only])).toEqual({ under: only, newer: null, gone: null });
  });

  it("is told when the rule has changed since", () => {
    const first = version(1, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    const second = version(2, "2026-03-02T00:00:00Z");
    expect(standingOf({ rule_version: 1 }, [first, second])).toEqual({ under: first, newer: second, gone: null });
  });

  it("is told when the rule is gone", () => {
    const last = version(1, "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
    expect(standingOf({ rule_version: 1 }, [last]).gone).toBe("2026-03-02T00:00:00Z");
  });

  it("has no content where its version is not kept", () => {
    expect(standingOf({ rule_version: 7 }, [version(8, "2026-03-01T00:00:00Z")]).under).toBeNull();
  });
});

describe("the limits of a rule", () => {
  it("are told with its ladder", () => {
    const raised: Rule = { ...ABSENCE, raises: [{ severity: "serious", after_seconds: 900, people: null }] };
    expect(limitsOf(raised)).toEqual([
      { key: "rule.limit", length: 300 },
      { key: "rule.raisedAfter", length: 900, severity: "serious" },
    ]);
  });

  it("count people where the rule does", () => {
    const crowd: Rule = {
      ...COMMON, id: "crowd", kind: "crowding", limit_people: 40, calm_people: null, limit_seconds: 300, cameras: [],
      stale_seconds: 30, raises: [{ severity: "serious", people: 80, after_seconds: null }],
    };
    expect(limitsOf(crowd)).toEqual([
      { key: "rule.people", values: { n: 40 } },
      { key: "rule.limit", length: 300 },
      { key: "rule.raisedFrom", values: { n: 80 }, severity: "serious" },
    ]);
  });

  it("are the days of the item for a case", () => {
    const due: Rule = {
      ...COMMON, id: "due", kind: "overdue_transaction", limit: "statutory", attention_days: 2, last_day: true,
    };
    expect(limitsOf(due)).toEqual([{ key: "rule.statutory" }]);
  });

  it("are told in whole units", () => {
    expect([lengthOf(7200), lengthOf(90), lengthOf(300)].map(({ key, values }) => [key, values?.n])).toEqual([
      ["rule.hours", 2],
      ["rule.seconds", 90],
      ["rule.minutes", 5],
    ]);
  });
});
