/** The forms of a shift and of a leave: what people type, what it means, and what is wrong about it. */
import type { EnteredShift, LeaveEntry, ShiftEntry } from "@/api/facts";
import type { Texts } from "@/messages/text";
import { dayOf, instantOf } from "@/time/zone";

import { daysOn, shortTime } from "./week";

const DAY_MS = 86_400_000;
const LONGEST_LEAVE_DAYS = 366;

export interface ShiftForm {
  staff: string;
  window: string;
  day: string;
  from: string;
  /** Not after `from`: on the day after. */
  to: string;
  cover: boolean;
}

/** Without times: whole days, the last included. */
export interface LeaveForm {
  staff: string;
  fromDay: string;
  from: string;
  toDay: string;
  to: string;
  reason: string;
}

export type FormFaults = Readonly<Partial<Record<string, string>>>;

export function shiftFormOf(shift: ShiftEntry, zone: string): ShiftForm {
  const [from, to] = [Date.parse(shift.from), Date.parse(shift.to)];
  return { staff: shift.staff, window: shift.window, day: dayOf(from, zone), from: shortTime(from, zone), to: shortTime(to, zone), cover: shift.cover };
}

export function leaveFormOf(leave: LeaveEntry, zone: string): LeaveForm {
  const [from, to] = [Date.parse(leave.from), Date.parse(leave.to)];
  const [begins, ends] = [shortTime(from, zone), shortTime(to, zone)];
  const isWhole = ends === "00:00";
  return {
    staff: leave.staff,
    fromDay: dayOf(from, zone),
    from: begins === "00:00" ? "" : begins,
    toDay: isWhole ? daysOn(dayOf(to, zone), -1) : dayOf(to, zone),
    to: isWhole ? "" : ends,
    reason: leave.reason,
  };
}

/** Whatever stands between year, month and day, in this order. */
const DAY = /^(\d{4})\D(\d{1,2})\D(\d{1,2})\D?$/;
const TIME = /^(\d{1,2})(?::(\d{1,2}))?(?::(\d{2}))?$|^(\d{2})(\d{2})$/;

/** A day as it is kept, out of one that was typed: `2026/3/2`. What is none stays as it is. */
function day(typed: string): string {
  const found = DAY.exec(typed.trim().normalize("NFKC"));
  if (found === null) return typed.trim();
  const [, year = "", month = "", date = ""] = found;
  return `${year}-${month.padStart(2, "0")}-${date.padStart(2, "0")}`;
}

/** A time as it is kept, out of one that was typed: `9`, `9:05`, `0905`. What is none stays as it is. */
function time(typed: string): string {
  const found = TIME.exec(typed.trim().normalize("NFKC"));
  if (found === null) return typed.trim();
  const [hour, minute, second] = [found[1] ?? found[4] ?? "", found[2] ?? found[5] ?? "00", found[3] ?? "00"];
  const kept = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  return second === "00" ? kept : `${kept}:${second}`;
}

/** A form with its days and times as they are kept. */
export function tidied<Form extends ShiftForm | LeaveForm>(form: Form): Form {
  const kept = { from: time(form.from), to: time(form.to) };
  return "day" in form ? { ...form, ...kept, day: day(form.day) } : { ...form, ...kept, fromDay: day(form.fromDay), toDay: day(form.toDay) };
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) && daysOn(text, 0) === text;
}

/** 24:00 is the end of a day. */
function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$|^24:00$/.test(text);
}

function instant(day: string, time: string, zone: string): string | null {
  if (!isDay(day) || !isTime(time)) return null;
  if (time === "24:00") return instant(daysOn(day, 1), "00:00", zone);
  const at = instantOf(`${day} ${time.length === 5 ? `${time}:00` : time}`, zone);
  return at === null ? null : new Date(at).toISOString();
}

/** Whether a shift ends on the day after it begins. */
export function isNight(form: ShiftForm): boolean {
  return isTime(form.from) && isTime(form.to) && form.to < form.from;
}

/** The shift that a form means, null while a time is missing. */
export function shiftOf(form: ShiftForm, zone: string): ShiftEntry | null {
  const from = instant(form.day, form.from, zone);
  const to = instant(isNight(form) ? daysOn(form.day, 1) : form.day, form.to, zone);
  return from === null || to === null ? null : { staff: form.staff, window: form.window, from, to, cover: form.cover };
}

/** The leave that a form means, null while a day is missing. */
export function leaveOf(form: LeaveForm, zone: string): LeaveEntry | null {
  if (!isDay(form.fromDay) || !isDay(form.toDay)) return null;
  const from = instant(form.fromDay, form.from || "00:00", zone);
  const to = form.to === "" ? instant(daysOn(form.toDay, 1), "00:00", zone) : instant(form.toDay, form.to, zone);
  return from === null || to === null ? null : { staff: form.staff, from, to, reason: form.reason.trim() };
}

/** What is wrong about a shift. `others` are those that stand beside it; `windowName` is what a window is called. */
export function shiftFaults(form: ShiftForm, others: readonly EnteredShift[], zone: string, windowName: (id: string) => string, t: Texts["t"]): FormFaults {
  const at: Record<string, string> = {};
  if (form.staff === "") at.staff = t("roster.needStaff");
  if (form.window === "") at.window = t("roster.needWindow");
  if (!isDay(form.day)) at.day = t("roster.needDay");
  if (!isTime(form.from)) at.from = t("roster.needTime");
  if (!isTime(form.to)) at.to = t("roster.needTime");
  else if (form.to === form.from) at.to = t("roster.endsAtOnce");
  const shift = shiftOf(form, zone);
  if (Object.keys(at).length > 0 || shift === null) return at;
  const clash = others.find((other) => other.staff === shift.staff && collide(shift, other));
  if (clash) {
    const times = `${dayOf(Date.parse(clash.from), zone)} ${shortTime(Date.parse(clash.from), zone)}–${shortTime(Date.parse(clash.to), zone)}`;
    at.from = t("roster.clash", { window: windowName(clash.window), times });
  }
  return at;
}

function collide(shift: ShiftEntry, other: ShiftEntry): boolean {
  if (Date.parse(shift.from) === Date.parse(other.from)) return true;
  return shift.window !== other.window && Date.parse(shift.from) < Date.parse(other.to) && Date.parse(other.from) < Date.parse(shift.to);
}

export function leaveFaults(form: LeaveForm, zone: string, t: Texts["t"]): FormFaults {
  const at: Record<string, string> = {};
  if (form.staff === "") at.staff = t("roster.needStaff");
  if (!isDay(form.fromDay)) at.fromDay = t("roster.needDay");
  if (!isDay(form.toDay)) at.toDay = t("roster.needDay");
  if (form.from !== "" && !isTime(form.from)) at.from = t("roster.needTime");
  if (form.to !== "" && !isTime(form.to)) at.to = t("roster.needTime");
  const leave = leaveOf(form, zone);
  if (leave === null) return at;
  const lasts = Date.parse(leave.to) - Date.parse(leave.from);
  if (lasts <= 0) at.toDay = t("roster.endsBefore");
  else if (lasts > LONGEST_LEAVE_DAYS * DAY_MS) at.toDay = t("roster.tooLong", { n: LONGEST_LEAVE_DAYS });
  return at;
}
