/** The officer's queue: which alerts stand in it, in which order, and which belong together. Pure. */
import type { Alert, AlertKind, Severity } from "@/api/facts";
import { covered } from "@/board/covering";

export const STATES = ["open", "acknowledged", "snoozed"] as const;
export const SEVERITIES = ["serious", "warning", "attention"] as const satisfies readonly Severity[];
export const HOLDERS = ["mine", "nobody"] as const;
/** Every kind of alert, in the order in which a filter offers them. */
export const KINDS = Object.keys({
  absence: true,
  unattended_customer: true,
  overlong_wait: true,
  long_queue: true,
  crowding: true,
  overlong_pause: true,
  called_not_served: true,
  overdue_step: true,
  overdue_transaction: true,
  dispute: true,
  camera_fault: true,
  audio_fault: true,
  recording_gap: true,
  detector_stale: true,
  disk: true,
} satisfies Record<AlertKind, true>) as readonly AlertKind[];

/** What is asked for; an empty member asks for nothing. */
export interface Filters {
  readonly state: (typeof STATES)[number] | "";
  readonly severity: Severity | "";
  readonly kind: AlertKind | "";
  readonly window: string;
  readonly unit: string;
  readonly holder: (typeof HOLDERS)[number] | "";
  readonly text: string;
  /** Whether each alert stands for itself, whatever else happens at its window. */
  readonly isFlat: boolean;
}

export const NO_FILTERS: Filters = { state: "", severity: "", kind: "", window: "", unit: "", holder: "", text: "", isFlat: false };

type Query = Readonly<Record<string, unknown>>;

function one<Value extends string>(given: unknown, known: readonly Value[]): Value | "" {
  return known.find((value) => value === given) ?? "";
}

/** The filters that an address asks for; what it cannot ask for is passed over. */
export function filtersOf(query: Query): Filters {
  const text = (name: string): string => (typeof query[name] === "string" ? query[name] : "");
  return {
    state: one(query.state, STATES),
    severity: one(query.severity, SEVERITIES),
    kind: one(query.kind, KINDS),
    window: text("window"),
    unit: text("unit"),
    holder: one(query.holder, HOLDERS),
    text: text("text"),
    isFlat: query.group === "none",
  };
}

/** What an address says to ask for these filters: each that asks for something. */
export function queryOf(filters: Filters): Record<string, string> {
  const { isFlat, ...asked } = filters;
  const told = Object.entries(asked).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(told), ...(isFlat ? { group: "none" } : {}) };
}

/** What of the surroundings decides whether an alert is asked for. */
export interface Reader {
  readonly me: string;
  readonly unitOf: (window: string) => string | null;
  /** Everything by which an alert can be found as text, as the reader reads it. */
  readonly wordsOf: (alert: Alert) => string;
}

export function isAskedFor(alert: Alert, filters: Filters, reader: Reader): boolean {
  const { state, severity, kind, window, unit, holder, text } = filters;
  const about = alert.subject.window;
  if (severity !== "" && alert.severity !== severity) return false;
  if (kind !== "" && alert.kind !== kind) return false;
  if (window !== "" && about !== window) return false;
  if (unit !== "" && (about === null || reader.unitOf(about) !== unit)) return false;
  if (holder === "mine" && alert.assignee !== reader.me) return false;
  if (holder === "nobody" && alert.assignee !== null) return false;
  if (state !== "" && stateOf(alert) !== state) return false;
  const words = text.trim().toLowerCase();
  return words === "" || reader.wordsOf(alert).toLowerCase().includes(words);
}

/** Where a standing alert stands with the officers: one that is put off waits, whatever its status. */
export function stateOf(alert: Pick<Alert, "status" | "snoozed_until">): (typeof STATES)[number] {
  if (alert.snoozed_until !== null) return "snoozed";
  return alert.status === "acknowledged" ? "acknowledged" : "open";
}

/** Those to be acknowledged first, put off ones last; among them the most serious, then the oldest. */
export function inQueueOrder(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      STATES.indexOf(stateOf(a)) - STATES.indexOf(stateOf(b)) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      Date.parse(a.opened_at) - Date.parse(b.opened_at) ||
      a.id.localeCompare(b.id),
  );
}

export interface QueueRow {
  readonly alert: Alert;
  /** Whether it stands under the one that tells of it. */
  readonly isUnder: boolean;
  /** Of how many others it tells. */
  readonly covers: number;
}

/** Alerts that belong together: of one window, of one camera, or of one matter. */
export interface QueueGroup {
  readonly key: string;
  readonly rows: readonly QueueRow[];
}

function keyOf({ id, subject, kind }: Alert): string {
  // A long queue is of the hall; what it tells of stands under it, not under a window.
  if (kind === "long_queue") return `alert ${id}`;
  if (subject.window !== null) return `window ${subject.window}`;
  if (subject.camera !== null) return `camera ${subject.camera}`;
  return `alert ${id}`;
}

/**
 * The queue: groups in the order of the first of each, their alerts in the order of the queue.
 *
 * What a long queue tells of is left out unless it is in `unfolded`.
 */
export function queueOf(alerts: readonly Alert[], filters: Filters, reader: Reader, unfolded: ReadonlySet<string>): QueueGroup[] {
  const groups = new Map<string, QueueRow[]>();
  for (const { alert, covers } of covered(inQueueOrder(alerts.filter((each) => isAskedFor(each, filters, reader))))) {
    const key = filters.isFlat ? `alert ${alert.id}` : keyOf(alert);
    const under = unfolded.has(alert.id) ? covers.map((each) => ({ alert: each, isUnder: true, covers: 0 })) : [];
    groups.set(key, [...(groups.get(key) ?? []), { alert, isUnder: false, covers: covers.length }, ...under]);
  }
  return [...groups].map(([key, rows]) => ({ key, rows }));
}

/**
 * Which alert comes next, `by` rows on. `place` is where the chosen one stood when it was chosen.
 *
 * What was just acknowledged moves to the end of the queue; the work goes on where it stood, not where it went.
 */
export function nextOf(rows: readonly Alert[], chosen: string | null, place: number, by: 1 | -1): Alert | null {
  const last = rows.length - 1;
  const at = rows.findIndex((alert) => alert.id === chosen);
  if (chosen === null) return rows[by > 0 ? 0 : last] ?? null;
  const hasMoved = at !== place;
  const wanted = hasMoved ? place + (by > 0 ? 0 : -1) : at + by;
  return rows[Math.min(Math.max(wanted, 0), last)] ?? null;
}
