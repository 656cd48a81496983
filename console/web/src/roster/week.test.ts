import { describe, expect, it } from "vitest";

import type { EnteredLeave, EnteredShift } from "@/api/facts";

import { daysOn, leavesOf, mondayOf, movedBy, shiftsOf, weekOf } from "./week";

const ZONE = "Asia/Shanghai";
const WEEK = weekOf("2026-03-02", ZONE);
const [MONDAY, TUESDAY] = WEEK as [(typeof WEEK)[number], (typeof WEEK)[number]];

function shift(from: string, to: string, enteredAt: string | null = null): EnteredShift {
  return { staff: "s1", window: "w1", from, to, cover: false, entered_by: "li", entered_at: enteredAt };
}

function leave(from: string, to: string): EnteredLeave {
  return { staff: "s1", from, to, reason: "年假", entered_by: "li", entered_at: "2026-03-05T00:00:00Z" };
}

const MORNING = shift("2026-03-02T01:00:00Z", "2026-03-02T04:00:00Z", "2026-03-02T00:00:00Z");
const NIGHT = shift("2026-03-02T14:00:00Z", "2026-03-02T22:00:00Z", "2026-03-02T15:00:00Z");

describe("a week of the roster", () => {
  it("begins on Monday, in the days of the hall", () => {
    expect(["2026-03-02", "2026-03-08", "2026-03-01"].map(mondayOf)).toEqual(["2026-03-02", "2026-03-02", "2026-02-23"]);
    expect(daysOn("2026-02-28", 1)).toBe("2026-03-01");
    expect(new Date(MONDAY.from).toISOString()).toBe("2026-03-01T16:00:00.000Z");
    expect(WEEK.map(({ to, from }) => to - from)).toEqual(Array(7).fill(86_400_000));
  });

  it("has a shift in the day on which it begins, a night too", () => {
    const pieces = shiftsOf(MONDAY, [MORNING, NIGHT], [], ZONE);
    expect(pieces.map(({ from, to, isNight }) => [from, to, isNight])).toEqual([["09:00", "12:00", false], ["22:00", "06:00", true]]);
    expect(shiftsOf(TUESDAY, [MORNING, NIGHT], [], ZONE)).toEqual([]);
  });

  it("tells what was entered after it began, and whom leave excuses", () => {
    const away = leave("2026-03-02T03:00:00Z", "2026-03-02T05:00:00Z");
    expect(shiftsOf(MONDAY, [MORNING, NIGHT], [away], ZONE).map(({ isLate, away: is }) => [isLate, is])).toEqual([[false, "part"], [true, "none"]]);
    const whole = leave("2026-03-01T16:00:00Z", "2026-03-02T16:00:00Z");
    expect(shiftsOf(MONDAY, [MORNING, NIGHT], [whole], ZONE).map(({ away: is }) => is)).toEqual(["whole", "part"]);
    expect(leavesOf(MONDAY, [away], ZONE)[0]?.isLate).toBe(true);
  });

  it("has a leave in each of its days, with times where it begins and ends", () => {
    const away = leave("2026-03-02T06:00:00Z", "2026-03-03T04:00:00Z");
    expect(leavesOf(MONDAY, [away], ZONE).map(({ from, to }) => [from, to])).toEqual([["14:00", ""]]);
    expect(leavesOf(TUESDAY, [away], ZONE).map(({ from, to }) => [from, to])).toEqual([["", "12:00"]]);
    expect(WEEK.slice(2).flatMap((day) => leavesOf(day, [away], ZONE))).toEqual([]);
  });

  it("is copied by the hall's clock, over a change of the clocks too", () => {
    expect(movedBy(MORNING, 7, ZONE)).toMatchObject({ from: "2026-03-09T01:00:00.000Z", to: "2026-03-09T04:00:00.000Z" });
    const berlin = shift("2026-03-27T08:00:00Z", "2026-03-27T11:00:00Z");
    expect(movedBy(berlin, 7, "Europe/Berlin").from).toBe("2026-04-03T07:00:00.000Z");
  });
});
