import { describe, expect, it } from "vitest";

import type { CalendarYear } from "@/api/facts";

import { changedYear, formOf, monthsOf, stepped, wholeOf } from "./year";

const YEAR: CalendarYear = {
  year: 2026,
  etag: "e",
  completeness: "complete",
  source: "notice",
  entered_by: "",
  warning: null,
  days: [
    { date: "2026-10-01", kind: "holiday", name: "国庆节", basis: "" },
    { date: "2026-10-10", kind: "workday", name: "国庆节调休", basis: "" },
  ],
};

describe("a year of the calendar", () => {
  it("has twelve months of whole weeks from Monday on", () => {
    const months = monthsOf(YEAR);
    expect(months.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(months[1]?.weeks.map((week) => week.map((day) => day?.number ?? 0))).toEqual([
      [0, 0, 0, 0, 0, 0, 1],
      [2, 3, 4, 5, 6, 7, 8],
      [9, 10, 11, 12, 13, 14, 15],
      [16, 17, 18, 19, 20, 21, 22],
      [23, 24, 25, 26, 27, 28, 0],
    ]);
    expect(monthsOf({ ...YEAR, year: 2028 })[1]?.weeks.flat().filter((day) => day !== null)).toHaveLength(29);
  });

  it("tells which days are weekends and which differ", () => {
    const october = monthsOf(YEAR)[9]?.weeks.flat() ?? [];
    const tenth = october.find((day) => day?.number === 10);
    expect(tenth).toMatchObject({ date: "2026-10-10", isWeekend: true, known: { kind: "workday" } });
    expect(october.find((day) => day?.number === 9)).toMatchObject({ isWeekend: false, known: undefined });
  });

  it("is walked by days and weeks, and not left", () => {
    expect([stepped("2026-02-28", 1), stepped("2026-03-05", -7), stepped("2026-12-31", 1), stepped("2026-01-03", -7)]).toEqual(["2026-03-01", "2026-02-26", "2026-12-31", "2026-01-03"]);
  });

  it("is changed by one day, and the others stay", () => {
    const form = formOf(YEAR, "2026-10-09");
    expect(form).toEqual({ kind: "week", name: "", basis: "", source: "notice", isComplete: true });
    const more = changedYear(YEAR, "2026-10-09", { ...form, kind: "holiday", name: " 搬迁 ", basis: "区〔2026〕3号" });
    expect(more.days).toEqual([...YEAR.days, { date: "2026-10-09", kind: "holiday", name: "搬迁", basis: "区〔2026〕3号" }]);
    expect(changedYear(YEAR, "2026-10-01", { ...form, kind: "week" }).days.map(({ date }) => date)).toEqual(["2026-10-10"]);
    expect(wholeOf(YEAR)).toEqual({ days: YEAR.days, source: "notice", complete: true });
    expect(wholeOf({ ...YEAR, source: "", days: [] })).toBeNull();
  });
});
