/** A moment as somebody types it: whole, without the year, or the time of day alone. */
import { dayAndTime, dayOf, instantOf } from "./zone";

const TYPED = /^(?:(?:(\d{4})-)?(\d{1,2})-(\d{1,2})[ T]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

function two(digits: string): string {
  return digits.padStart(2, "0");
}

/**
 * The instant at which clocks in `zone` show what was typed, or null when there is none such.
 *
 * What is left out (year, day, seconds) is that of `near`, and zero. Slashes and the punctuation of Chinese keyboards will do.
 */
export function typedMoment(typed: string, near: number, zone: string): number | null {
  const text = typed.trim().replaceAll("：", ":").replaceAll(/[/－／．.]/g, "-").replaceAll("\u3000", " ");
  const found = TYPED.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour = "", minute = "", second = "00"] = found;
  const today = dayOf(near, zone);
  const date = month === undefined || day === undefined ? today : `${year ?? today.slice(0, 4)}-${two(month)}-${two(day)}`;
  const whole = `${date} ${two(hour)}:${minute}:${second}`;
  const at = instantOf(whole, zone);
  // There is no 30th of February, and no half past two in a night that leaves it out.
  return at !== null && dayAndTime(at, zone) === whole ? at : null;
}
