/** A year as it is drawn: twelve months of weeks that begin on Monday, and what each day is. */
import type { CalendarDay, CalendarYear, CalendarYearRequest } from "@/api/facts";

export interface YearDay {
  readonly date: string;
  readonly number: number;
  readonly isWeekend: boolean;
  /** What the calendar says of it; undefined when it is as its weekday. */
  readonly known: CalendarDay | undefined;
}

export interface Month {
  readonly number: number;
  /** Weeks of seven; null before the first and after the last of the month. */
  readonly weeks: readonly (readonly (YearDay | null)[])[];
}

/** What somebody says of one day; without a kind it is as its weekday. */
export interface DayForm {
  kind: "holiday" | "workday" | "week";
  name: string;
  basis: string;
  /** Where the year is written, and whether all of it is entered. */
  source: string;
  isComplete: boolean;
}

const DAYS = 7;
const SATURDAY = 5;

function dateOf(year: number, month: number, day: number): Date {
  return new Date(Date.UTC(year, month, day, 12));
}

/** Monday is 0. */
function weekdayOf(date: Date): number {
  return (date.getUTCDay() + DAYS - 1) % DAYS;
}

function textOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

export function monthsOf(year: CalendarYear): readonly Month[] {
  const known = new Map(year.days.map((day) => [day.date, day]));
  return Array.from({ length: 12 }, (_, month) => {
    const count = dateOf(year.year, month + 1, 0).getUTCDate();
    const days: (YearDay | null)[] = Array.from({ length: weekdayOf(dateOf(year.year, month, 1)) }, () => null);
    for (let number = 1; number <= count; number += 1) {
      const date = dateOf(year.year, month, number);
      days.push({ date: textOf(date), number, isWeekend: weekdayOf(date) >= SATURDAY, known: known.get(textOf(date)) });
    }
    while (days.length % DAYS > 0) days.push(null);
    return { number: month + 1, weeks: Array.from({ length: days.length / DAYS }, (_, week) => days.slice(week * DAYS, (week + 1) * DAYS)) };
  });
}

/** The day that lies `steps` days away, or the same one at the ends of the year. */
export function stepped(date: string, steps: number): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const next = textOf(dateOf(year, month - 1, day + steps));
  return next.startsWith(`${year}-`) ? next : date;
}

export function formOf(year: CalendarYear, date: string): DayForm {
  const known = year.days.find((day) => day.date === date);
  return { kind: known?.kind ?? "week", name: known?.name ?? "", basis: known?.basis ?? "", source: year.source, isComplete: year.completeness === "complete" };
}

/** The year with one day as the form says. */
export function changedYear(year: CalendarYear, date: string, form: DayForm): CalendarYearRequest {
  const others = year.days.filter((day) => day.date !== date);
  const { kind } = form;
  const days = kind === "week" ? others : [...others, { date, kind, name: form.name.trim(), basis: form.basis.trim() }];
  return { days, source: form.source.trim(), complete: form.isComplete };
}

/** The year as it is, to be put back. Null for one that nobody entered: nothing can be put in its place. */
export function wholeOf(year: CalendarYear): CalendarYearRequest | null {
  return year.source === "" ? null : { days: year.days, source: year.source, complete: year.completeness === "complete" };
}
