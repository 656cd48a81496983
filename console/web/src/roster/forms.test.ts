import { describe, expect, it } from "vitest";

import type { EnteredShift } from "@/api/facts";
import type { Texts } from "@/messages/text";

import { leaveFaults, leaveFormOf, leaveOf, shiftFaults, type ShiftForm, shiftFormOf, shiftOf, tidied } from "./forms";

const ZONE = "Asia/Shanghai";
const t: Texts["t"] = (key, values) => `${key}${values ? ` ${JSON.stringify(values)}` : ""}`;
const FORM: ShiftForm = { staff: "s1", window: "w1", day: "2026-03-02", from: "09:00", to: "12:00", cover: false };
const STANDS: EnteredShift = { staff: "s1", window: "w2", from: "2026-03-02T03:00:00Z", to: "2026-03-02T06:00:00Z", cover: false, entered_by: "li", entered_at: null };

function faults(change: Partial<ShiftForm>, others: readonly EnteredShift[] = []): Readonly<Partial<Record<string, string>>> {
  return shiftFaults({ ...FORM, ...change }, others, ZONE, (id) => `window ${id}`, t);
}

describe("the form of a shift", () => {
  it("means a time of the hall, and what ends before it begins is a night", () => {
    expect(shiftOf(FORM, ZONE)).toMatchObject({ from: "2026-03-02T01:00:00.000Z", to: "2026-03-02T04:00:00.000Z" });
    const night = shiftOf({ ...FORM, from: "22:00", to: "06:00" }, ZONE);
    expect(night?.to).toBe("2026-03-02T22:00:00.000Z");
    expect(night && shiftFormOf(night, ZONE)).toEqual({ ...FORM, from: "22:00", to: "06:00" });
    expect(shiftOf({ ...FORM, to: "" }, ZONE)).toBeNull();
  });

  it("is tidied from what people type, and what is no day or time is named", () => {
    expect(tidied({ ...FORM, day: "2026/3/2", from: "9", to: "１２：００" })).toEqual(FORM);
    expect(tidied({ ...FORM, from: "0905", to: "9:05:30" })).toMatchObject({ from: "09:05", to: "09:05:30" });
    expect(faults(tidied({ ...FORM, day: "3/2/2026", from: "25:00", to: "noon" }))).toEqual({ day: "roster.needDay", from: "roster.needTime", to: "roster.needTime" });
    expect(faults({ day: "2026-02-30" })).toEqual({ day: "roster.needDay" });
    expect(shiftOf({ ...FORM, from: "13:00", to: "24:00" }, ZONE)?.to).toBe("2026-03-02T16:00:00.000Z");
  });

  it("names what is missing, and an end that is the beginning", () => {
    expect(Object.keys(faults({ staff: "", window: "", day: "", from: "", to: "" }))).toEqual(["staff", "window", "day", "from", "to"]);
    expect(faults({ to: "09:00" })).toEqual({ to: "roster.endsAtOnce" });
    expect(faults({})).toEqual({});
  });

  it("names the window at which the person is due then already", () => {
    expect(faults({}, [STANDS]).from).toBe('roster.clash {"window":"window w2","times":"2026-03-02 11:00–14:00"}');
    expect(faults({ to: "11:00" }, [STANDS])).toEqual({});
    expect(faults({ staff: "s2" }, [STANDS])).toEqual({});
    expect(faults({ window: "w2", from: "11:00", to: "11:30" }, [STANDS]).from).toContain("roster.clash");
  });
});

describe("the form of a leave", () => {
  const days = { staff: "s1", fromDay: "2026-03-02", from: "", toDay: "2026-03-03", to: "", reason: " 年假 " };

  it("lasts for whole days where it has no times, and comes back as it was typed", () => {
    const leave = leaveOf(days, ZONE);
    expect(leave).toEqual({ staff: "s1", from: "2026-03-01T16:00:00.000Z", to: "2026-03-03T16:00:00.000Z", reason: "年假" });
    expect(leave && leaveFormOf(leave, ZONE)).toEqual({ ...days, reason: "年假" });
    const hours = { ...days, from: "10:00", toDay: "2026-03-02", to: "11:30" };
    const short = leaveOf(hours, ZONE);
    expect(short && leaveFormOf(short, ZONE)).toEqual({ ...hours, reason: "年假" });
  });

  it("names what is missing, backwards or too long", () => {
    expect(Object.keys(leaveFaults({ ...days, staff: "", fromDay: "", toDay: "" }, ZONE, t))).toEqual(["staff", "fromDay", "toDay"]);
    expect(leaveFaults({ ...days, toDay: "2026-03-01" }, ZONE, t)).toEqual({ toDay: "roster.endsBefore" });
    expect(leaveFaults({ ...days, toDay: "2027-04-01" }, ZONE, t).toDay).toContain("roster.tooLong");
    expect(leaveFaults(days, ZONE, t)).toEqual({});
  });
});
