/** A week of the roster as it is drawn: which shift and which leave lies in which day of which row. */
import type { EnteredLeave, EnteredShift } from "@/api/facts";
import { clockTime, dayOf, instantOf } from "@/time/zone";

const DAYS = 7;
const NOON = "T12:00:00Z";
const DAY_MS = 86_400_000;

/** A day of the hall, `from` to `to` in milliseconds since 1970. */
export interface Day {
  readonly day: string;
  readonly from: number;
  readonly to: number;
}

/** A shift in the day on which it begins; times are the hall's. */
export interface ShiftPiece {
  readonly kind: "shift";
  readonly shift: EnteredShift;
  readonly from: string;
  readonly to: string;
  /** It ends on the day after. */
  readonly isNight: boolean;
  /** It was entered after it began. */
  readonly isLate: boolean;
  /** Whether its person is on leave for all of it, for a part, or not. */
  readonly away: "whole" | "part" | "none";
}

/** What of a leave lies in a day. */
export interface LeavePiece {
  readonly kind: "leave";
  readonly leave: EnteredLeave;
  /** Empty where it began before that day. */
  readonly from: string;
  /** Empty where it ends after that day. */
  readonly to: string;
  readonly isLate: boolean;
}

/** What lies in a day of a row. */
export interface WeekCell {
  readonly day: Day;
  readonly shifts: readonly ShiftPiece[];
  readonly leaves: readonly LeavePiece[];
}

/** A window or a person; `lead` is a window's number. */
export interface WeekRow {
  readonly id: string;
  readonly lead: string;
  readonly label: string;
  readonly cells: readonly WeekCell[];
}

/** `2026-03-02` and `n` days on. */
export function daysOn(day: string, n: number): string {
  const noon = Date.parse(day + NOON);
  return Number.isNaN(noon) ? day : new Date(noon + n * DAY_MS).toISOString().slice(0, 10);
}

/** The Monday of the week of a day. */
export function mondayOf(day: string): string {
  const weekday = new Date(day + NOON).getUTCDay();
  return daysOn(day, -((weekday + DAYS - 1) % DAYS));
}

export function weekOf(monday: string, zone: string): readonly Day[] {
  const midnight = (day: string): number => instantOf(`${day} 00:00:00`, zone) ?? Date.parse(day);
  return Array.from({ length: DAYS }, (_, n) => {
    const day = daysOn(monday, n);
    return { day, from: midnight(day), to: midnight(daysOn(day, 1)) };
  });
}

/** `09:00`, with its seconds where it has any. */
export function shortTime(at: number, zone: string): string {
  const time = clockTime(at, zone);
  return time.endsWith(":00") ? time.slice(0, 5) : time;
}

function isLate(one: { readonly from: string; readonly entered_at: string | null }): boolean {
  return one.entered_at !== null && Date.parse(one.entered_at) > Date.parse(one.from);
}

function overlap(one: { readonly from: string; readonly to: string }, other: { readonly from: string; readonly to: string }): boolean {
  return Date.parse(one.from) < Date.parse(other.to) && Date.parse(other.from) < Date.parse(one.to);
}

function awayFrom(shift: EnteredShift, leaves: readonly EnteredLeave[]): ShiftPiece["away"] {
  const around = leaves.filter((leave) => leave.staff === shift.staff && overlap(leave, shift));
  if (around.length === 0) return "none";
  const isWhole = around.some((leave) => Date.parse(leave.from) <= Date.parse(shift.from) && Date.parse(leave.to) >= Date.parse(shift.to));
  return isWhole ? "whole" : "part";
}

/** The shifts that begin in a day, in order. */
export function shiftsOf(day: Day, shifts: readonly EnteredShift[], leaves: readonly EnteredLeave[], zone: string): readonly ShiftPiece[] {
  return shifts
    .filter((shift) => Date.parse(shift.from) >= day.from && Date.parse(shift.from) < day.to)
    .map((shift) => ({
      kind: "shift",
      shift,
      from: shortTime(Date.parse(shift.from), zone),
      to: Date.parse(shift.to) === day.to ? "24:00" : shortTime(Date.parse(shift.to), zone),
      isNight: Date.parse(shift.to) > day.to,
      isLate: isLate(shift),
      away: awayFrom(shift, leaves),
    }));
}

/** What of some leaves lies in a day, in order. */
export function leavesOf(day: Day, leaves: readonly EnteredLeave[], zone: string): readonly LeavePiece[] {
  return leaves
    .filter((leave) => Date.parse(leave.from) < day.to && Date.parse(leave.to) > day.from)
    .map((leave) => ({
      kind: "leave",
      leave,
      from: Date.parse(leave.from) > day.from ? shortTime(Date.parse(leave.from), zone) : "",
      to: Date.parse(leave.to) < day.to ? shortTime(Date.parse(leave.to), zone) : "",
      isLate: isLate(leave),
    }));
}

/** A shift of one week at the same hours of another day, by the hall's clock. */
export function movedBy(shift: EnteredShift, days: number, zone: string): Pick<EnteredShift, "staff" | "window" | "from" | "to" | "cover"> {
  const moved = (at: string): string => {
    const instant = Date.parse(at);
    const day = daysOn(dayOf(instant, zone), days);
    return new Date(instantOf(`${day} ${clockTime(instant, zone)}`, zone) ?? instant + days * DAY_MS).toISOString();
  };
  return { staff: shift.staff, window: shift.window, from: moved(shift.from), to: moved(shift.to), cover: shift.cover };
}
