import { address, type Parameters } from "./address";
import { Calls } from "./connection";
import type { CalendarYear, CalendarYearRequest, RosterChange, RosterChangeRequest, RosterTrial, RosterView } from "./facts";
import type { Outcome } from "./outcome";

function roster(hall: string, path: string, parameters: Parameters = {}): string {
  return address(`/halls/${encodeURIComponent(hall)}/roster${path}`, parameters);
}

/** Who is due when: the roster of a hall, and the calendar of days off. */
export class RosterCalls extends Calls {
  /** The roster of a hall over a time in milliseconds since 1970. */
  between(hall: string, from: number, to: number): Promise<Outcome<RosterView>> {
    return this.connection.json("GET", roster(hall, "", { from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
  }

  /** Take entries out, as they were read, and put others in; a problem 412 says that one changed meanwhile. */
  change(hall: string, asked: RosterChangeRequest): Promise<Outcome<RosterChange>> {
    return this.connection.json("POST", roster(hall, "/changes"), asked);
  }

  changes(hall: string): Promise<Outcome<{ readonly items: readonly RosterChange[] }>> {
    return this.connection.json("GET", roster(hall, "/changes"));
  }

  undo(hall: string, change: number): Promise<Outcome<RosterChange>> {
    return this.connection.json("POST", roster(hall, `/changes/${change}/undo`));
  }

  /** What would come of a file; nothing is taken. */
  tryFile(hall: string, file: Blob): Promise<Outcome<RosterTrial>> {
    return this.connection.file("POST", roster(hall, "/trials"), file);
  }

  /** Take a file as its trial said. */
  takeFile(hall: string, file: Blob, name: string, digest: string): Promise<Outcome<RosterChange>> {
    return this.connection.file("POST", roster(hall, "/imports", { name: name.slice(-200) }), file, { match: digest });
  }

  /** What is known of a year of the calendar. */
  calendarYear(year: number): Promise<Outcome<CalendarYear>> {
    return this.connection.json("GET", address(`/calendar/${year}`));
  }

  /** Put a year in the place of the one with this ETag; a problem 412 says that it changed meanwhile. */
  putCalendarYear(year: number, asked: CalendarYearRequest, etag: string): Promise<Outcome<CalendarYear>> {
    return this.connection.json("PUT", address(`/calendar/${year}`), asked, false, { match: etag });
  }
}
