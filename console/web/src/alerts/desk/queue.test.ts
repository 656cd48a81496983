import { describe, expect, it } from "vitest";

import type { Alert } from "@/api/facts";

import { filtersOf, inQueueOrder, nextOf, NO_FILTERS, queryOf, queueOf, type Reader } from "./queue";

const UNITS: Readonly<Record<string, string>> = { w1: "police", w2: "tax" };
const READER: Reader = {
  me: "wang",
  unitOf: (window) => UNITS[window] ?? null,
  wordsOf: (alert) => `${alert.id} ${alert.reason.zh} ${alert.reason.en}`,
};

function alert(id: string, opened: string, changed: Partial<Alert> = {}, about: Partial<Alert["subject"]> = {}): Alert {
  return {
    id,
    kind: "absence",
    rule: "r",
    rule_version: 1,
    severity: "warning",
    status: "open",
    subject: { hall: "h", window: null, camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null, ...about },
    interval: { start: `2026-03-02T${opened}:00Z`, end: null },
    opened_at: `2026-03-02T${opened}:00Z`,
    reason: { key: "k", values: {}, zh: "无人在岗", en: "nobody" },
    revision: 1,
    cameras: [],
    assignee: null,
    snoozed_until: null,
    level: 0,
    ...changed,
  };
}

const ids = (alerts: readonly Alert[]): string => alerts.map(({ id }) => id).join(" ");
const shown = (alerts: readonly Alert[], asked = {}, unfolded: readonly string[] = []): string =>
  queueOf(alerts, { ...NO_FILTERS, ...asked }, READER, new Set(unfolded))
    .map(({ rows }) => rows.map((row) => (row.isUnder ? `(${row.alert.id})` : row.alert.id)).join("+"))
    .join(" ");

describe("the order of the queue", () => {
  it("begins with the most serious, and among those with the oldest", () => {
    const found = [
      alert("mild-old", "01:00", { severity: "attention" }),
      alert("grave-new", "03:00", { severity: "serious" }),
      alert("grave-old", "02:00", { severity: "serious" }),
      alert("middle", "00:30"),
    ];
    expect(ids(inQueueOrder(found))).toBe("grave-old grave-new middle mild-old");
  });

  it("puts what somebody has taken behind what nobody has, and what is put off at the end", () => {
    const found = [
      alert("later", "01:00", { severity: "serious", snoozed_until: "2026-03-02T05:00:00Z" }),
      alert("taken", "01:00", { severity: "serious", status: "acknowledged" }),
      alert("mild", "02:00", { severity: "attention" }),
    ];
    expect(ids(inQueueOrder(found))).toBe("mild taken later");
  });
});

describe("the groups of the queue", () => {
  it("are of one window or one camera, where the most urgent of them stands", () => {
    const found = [
      alert("a", "01:00", { severity: "serious" }, { window: "w1" }),
      alert("b", "02:00", { severity: "serious" }, { camera: "c1" }),
      alert("c", "03:00", {}, { window: "w1" }),
      alert("d", "04:00", {}, { camera: "c1" }),
      alert("e", "05:00", {}, { serial: "S-1" }),
      alert("f", "06:00", {}, { serial: "S-2" }),
    ];
    expect(shown(found)).toBe("a+c b+d e f");
    expect(shown(found, { isFlat: true })).toBe("a b c d e f");
  });

  it("hold what a long queue tells of, when it is unfolded", () => {
    const found = [
      alert("waits", "01:00", { kind: "overlong_wait" }, { ticket: "t1" }),
      alert("queue", "02:00", { kind: "long_queue" }),
      alert("leaves", "03:00", {}, { window: "w1" }),
    ];
    expect(shown(found)).toBe("queue leaves");
    expect(shown(found, {}, ["queue"])).toBe("queue+(waits) leaves");
  });
});

describe("the filters", () => {
  const found = [
    alert("a", "01:00", { assignee: "wang", severity: "serious" }, { window: "w1" }),
    alert("b", "02:00", { status: "acknowledged", assignee: "li" }, { window: "w2" }),
    alert("c", "03:00", { kind: "camera_fault", reason: { key: "k", values: {}, zh: "画面黑", en: "Black" } }, { camera: "c1" }),
    alert("d", "04:00", { status: "acknowledged", snoozed_until: "2026-03-02T05:00:00Z" }, { window: "w1" }),
  ];

  it.each([
    [{ state: "open" }, "a c"],
    [{ state: "acknowledged" }, "b"],
    [{ state: "snoozed" }, "d"],
    [{ severity: "serious" }, "a"],
    [{ kind: "camera_fault" }, "c"],
    [{ window: "w2" }, "b"],
    [{ unit: "police" }, "a d"],
    [{ holder: "mine" }, "a"],
    [{ holder: "nobody" }, "c d"],
    [{ text: " BLACK " }, "c"],
    [{ unit: "police", holder: "nobody" }, "d"],
  ])("%o finds %s", (asked, expected) => {
    expect(shown(found, { ...asked, isFlat: true })).toBe(expected);
  });

  it("are kept in the address, and come out of it again", () => {
    const asked = { ...NO_FILTERS, state: "open", kind: "absence", text: "窗口 3", isFlat: true } as const;
    expect(filtersOf(queryOf(asked))).toEqual(asked);
    expect(queryOf(NO_FILTERS)).toEqual({});
  });

  it("pass over what an address cannot ask for", () => {
    expect(filtersOf({ state: "solved", severity: ["serious"], kind: "nothing", window: null })).toEqual(NO_FILTERS);
  });
});

describe("the next one", () => {
  const rows = ["a", "b", "c"].map((id) => alert(id, "01:00"));

  it.each([
    [null, 0, 1, "a"],
    [null, 0, -1, "c"],
    ["a", 0, 1, "b"],
    ["b", 1, -1, "a"],
    ["c", 2, 1, "c"],
    ["a", 0, -1, "a"],
  ] as const)("of %s at %i by %i is %s", (chosen, place, by, expected) => {
    expect(nextOf(rows, chosen, place, by)?.id).toBe(expected);
  });

  it("goes on where the chosen one stood before it was settled", () => {
    expect(nextOf(rows, "c", 0, 1)?.id).toBe("a");
    expect(nextOf(rows, "gone", 1, 1)?.id).toBe("b");
    expect(nextOf(rows, "gone", 1, -1)?.id).toBe("a");
    expect(nextOf([], "gone", 0, 1)).toBeNull();
  });
});
