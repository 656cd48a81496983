import { describe, expect, it } from "vitest";

import type { Content } from "@/api/facts";
import type { MessageKey } from "@/messages/text";

import { hoursOf, hoursText } from "./hours";
import { type ConfiguredRule, namedOf, ofKind, ruleFaults, ruleForm, ruleOf } from "./members";

const t = (key: MessageKey): string => key;
const named = namedOf(undefined, [], t, () => "");
const nothing = { units: [], windows: [], items: [], steps: [], cameras: [] };

const absence: ConfiguredRule = {
  id: "absence", kind: "absence", version: 4, severity: "warning", enabled: true, basis: null, scope: nothing, exempt: null, schedule: null,
  raises: [{ severity: "serious", after_seconds: 1800, people: null }], stale_seconds: 30, allowed_pauses: { break: 600 }, limit_seconds: 300,
};

function saved(rule: ConfiguredRule, typed: Readonly<Record<string, string | readonly string[]>> = {}): Readonly<Record<string, Content>> {
  return ruleOf({ ...ruleForm(rule, named, t), ...typed }, rule, named, t);
}

describe("the form of a rule", () => {
  it("changes what was typed, and leaves all else as it was", () => {
    expect(saved(absence, { limit_seconds: "240" })).toEqual({ ...absence, limit_seconds: 240, raises: [{ severity: "serious", after_seconds: 1800 }] });
  });

  it("takes an allowance away whose length was emptied", () => {
    expect(saved(absence, { "allowed_pauses.break": "", "allowed_pauses.leave": "60" }).allowed_pauses).toEqual({ leave: 60 });
  });

  it("asks no longer for a limit of a queue that was emptied, where leaving it out would bring the usual one back", () => {
    const queue: ConfiguredRule = { id: "q", kind: "long_queue", people_per_window: 8, limit_people: null, limit_wait_seconds: 1800 };
    expect(saved(queue, { people_per_window: "" })).toMatchObject({ people_per_window: null, limit_people: null, limit_wait_seconds: 1800 });
  });

  it("keeps days that differ, which it does not show, and limits of single items", () => {
    const schedule = { always: false, follows_calendar: true, days: ["mon"], hours: [{ open: "09:00:00", close: "23:59:59" }], exceptions: [{ date: "2026-01-01", hours: [] }] };
    const step: ConfiguredRule = { id: "s", kind: "overdue_step", limit_seconds: 600, steps: { review: 60 }, items: { permit: { handle: 30 } }, schedule };
    const made = saved(step, { "steps.review": "90", "schedule.hours": "9:00-24:00" });
    expect(made).toMatchObject({ items: step.items, steps: { review: 90 }, schedule: { ...schedule, hours: [{ open: "09:00", close: "23:59:59" }] } });
  });

  it("has no ladder for kinds with stages of their own, and no exemption of nothing", () => {
    const disk: ConfiguredRule = { id: "d", kind: "disk", limit_seconds: 0 };
    expect(saved(disk)).not.toHaveProperty("raises");
    expect(saved(absence, { "exempt.windows": ["w1"] }).exempt).toMatchObject({ windows: ["w1"] });
    expect(saved(absence).exempt).toBeNull();
  });

  it("sends half a basis to the server, and none for none", () => {
    expect(saved(absence, { "basis.zh": "\u89c4\u5b9a" }).basis).toEqual({ zh: "\u89c4\u5b9a" });
    expect(saved(absence).basis).toBeNull();
  });

  it("begins a new rule with the usual limits of its kind", () => {
    const form = ofKind("dispute", { ...ruleForm(null, named, t), id: "voices", "scope.cameras": ["c1"] }, named, t);
    expect(ruleOf(form, null, named, t)).toMatchObject({ id: "voices", kind: "dispute", severity: "attention", limit_seconds: 60, gap_seconds: 15, enabled: true, scope: { cameras: ["c1"] } });
  });

  it("wants a kind, an identifier that is free, and hours that can be read", () => {
    const form = { ...ruleForm(null, named, t), id: "absence", "schedule.has": "yes", "schedule.hours": "morning" };
    expect(ruleFaults(form, null, ["absence"], t)).toEqual({ kind: "ruleAdmin.chooseKind", id: "configuration.fault.twice", "schedule.hours": "ruleFault.hours" });
  });
});

describe("hours", () => {
  it("are read as they are shown", () => {
    const hours = [{ open: "09:00", close: "12:00" }, { open: "13:30", close: "23:59:59" }];
    expect(hoursOf(hoursText(hours))).toEqual(hours);
    expect(hoursOf("9-12")).toBeNull();
  });
});
