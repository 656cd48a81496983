/** The hours of a rule as a form shows them: one stretch a line, `09:00–12:00`. Pure. */
import type { Content } from "@/api/facts";

/** As the configuration writes midnight at the end of a day. */
const MIDNIGHT = "23:59:59";
const STRETCH = /^(\d{1,2}:\d\d(?::\d\d)?)\s*[-–—~～\u81f3]\s*(\d{1,2}:\d\d(?::\d\d)?)$/u;

interface Stretch {
  readonly open: string;
  readonly close: string;
}

function shown(time: string): string {
  return time === MIDNIGHT ? "24:00" : time.replace(/^(\d\d:\d\d):00$/u, "$1");
}

function meant(time: string): string {
  const padded = time.padStart(time.length > 5 ? 8 : 5, "0");
  return padded === "24:00" ? MIDNIGHT : padded;
}

function linesOf(text: string): readonly string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The lines of stretches as the configuration has them. */
export function hoursText(hours: Content | undefined): string {
  if (!Array.isArray(hours)) return "";
  return (hours as readonly Content[]).map((one) => {
    const { open, close } = one as unknown as Stretch;
    return `${shown(open)}–${shown(close)}`;
  }).join("\n");
}

/** The stretches that the lines mean; null where a line is none. */
export function hoursOf(text: string): readonly { readonly open: string; readonly close: string }[] | null {
  const found = linesOf(text).map((line) => STRETCH.exec(line));
  const stretches = found.flatMap((one) => (one === null ? [] : [{ open: meant(one[1] ?? ""), close: meant(one[2] ?? "") }]));
  return stretches.length === found.length ? stretches : null;
}
