/** Wall times in a hall's zone, and durations, as text. All instants are milliseconds since 1970. */

const formatters = new Map<string, Intl.DateTimeFormat>();

function parts(at: number, zone: string): Record<string, string> {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    });
    formatters.set(zone, formatter);
  }
  return Object.fromEntries(formatter.formatToParts(at).map((part) => [part.type, part.value]));
}

/** `09:03:07` */
export function clockTime(at: number, zone: string): string {
  const { hour = "", minute = "", second = "" } = parts(at, zone);
  return `${hour}:${minute}:${second}`;
}

/** `2026-03-02` */
export function dayOf(at: number, zone: string): string {
  const { year = "", month = "", day = "" } = parts(at, zone);
  return `${year}-${month}-${day}`;
}

/** `2026-03-02 09:03:07` */
export function dayAndTime(at: number, zone: string): string {
  return `${dayOf(at, zone)} ${clockTime(at, zone)}`;
}

/** The instant at which clocks in `zone` show `text` (`2026-03-02 09:03:07`), or null when it is no time. */
export function instantOf(text: string, zone: string): number | null {
  const shown = Date.parse(`${text.replace(" ", "T")}Z`);
  if (Number.isNaN(shown)) return null;
  // The offset is taken where the guess lies, then once more: right on both sides of a change of the clocks.
  let at = shown;
  for (let round = 0; round < 2; round += 1) {
    at = shown - (Date.parse(`${dayAndTime(at, zone).replace(" ", "T")}Z`) - at);
  }
  return at;
}

/** A running time as `3:07` or `1:03:07`. */
export function runningTime(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number): string => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
