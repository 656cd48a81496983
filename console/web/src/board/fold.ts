/**
 * The board as a value: begun from a snapshot at a `seq`, then changed by each fact that follows.
 *
 * Pure: the same snapshot and facts give the same board. Folding a fact that the snapshot already
 * holds changes nothing, so lists that were read a moment after the snapshot do no harm.
 */
import type {
  Alert,
  Board,
  CameraHealth,
  Flip,
  Gap,
  Observation,
  Presence,
  Staff,
  Ticket,
  Transaction,
  BoardWindow,
  WindowStatus,
} from "@/api/facts";
import type { Fact } from "@/push/messages";

/** What one staff zone shows of a post. */
export interface Sight {
  readonly presence: Presence;
  readonly since: string;
  /** When it showed somebody last, as far as that is known; while somebody is there it does not matter. */
  readonly lastOnPost: string | null;
  /** Seconds between two looks. */
  readonly sampleEvery: number;
  /** The server says that analysis has not looked for a while. */
  readonly isStale: boolean;
}

export interface WindowRow extends Pick<BoardWindow, "window" | "unit" | "status" | "staff" | "cameras"> {
  /** What each staff zone shows, by camera and zone. */
  readonly sights: Readonly<Record<string, Sight>>;
}

export interface BoardState {
  readonly seq: number;
  readonly hall: string;
  readonly windows: readonly WindowRow[];
  readonly waiting: Readonly<Record<string, Ticket>>;
  /** People counted in each waiting zone; null while analysis cannot tell. */
  readonly people: Readonly<Record<string, number | null>>;
  /** Whether somebody stands in each customer zone, by camera and zone. */
  readonly customers: Readonly<Record<string, Presence>>;
  /** Open and acknowledged alerts by id. */
  readonly alerts: Readonly<Record<string, Alert>>;
  /** Alerts that ended since the snapshot, the latest first. */
  readonly ended: readonly Alert[];
  readonly cameras: Readonly<Record<string, CameraHealth>>;
  /** Transactions that are going on, by id. */
  readonly transactions: Readonly<Record<string, Transaction>>;
  readonly staff: Readonly<Record<string, Staff>>;
  /** Seconds for which a pause is permitted, by its reason. */
  readonly allowedPauses: Board["allowed_pauses"];
}

/** Seconds between two looks, where the server has not told. */
const USUAL_SAMPLING = 2;
/** How many ended alerts stay in sight. */
const ENDED_KEPT = 20;

/** The board of a snapshot, with the waiting tickets and the present observations that were read after it. */
export function begin(
  board: Board,
  waiting: readonly Ticket[],
  observations: readonly Observation[],
  staff: readonly Staff[],
): BoardState {
  const state: BoardState = {
    seq: board.seq,
    hall: board.hall,
    windows: board.windows.map(({ window, unit, status, staff: person, cameras, sights }) => {
      return { window, unit, status, staff: person, cameras, sights: sightsOf(sights) };
    }),
    waiting: Object.fromEntries(waiting.filter(isWaiting).map((ticket) => [ticket.id, ticket])),
    people: board.waiting.people === null ? {} : { "": board.waiting.people },
    customers: {},
    alerts: Object.fromEntries(board.alerts.filter(stands).map((alert) => [alert.id, alert])),
    ended: [],
    cameras: Object.fromEntries(board.cameras.map((health) => [health.camera, health])),
    transactions: {},
    staff: Object.fromEntries(staff.map((person) => [person.id, person])),
    allowedPauses: board.allowed_pauses,
  };
  return heal(observations.reduce(foldObservation, state), board);
}

/**
 * The board with what no fact tells, out of a newer snapshot: that analysis has not looked for a while.
 *
 * What a camera saw last holds no more then, and the server says `unknown` for it; once analysis looks
 * again, the server says anew what it sees.
 */
export function heal(state: BoardState, { windows, hall }: Pick<Board, "hall" | "windows">): BoardState {
  if (hall !== state.hall) return state;
  return windows.reduce((healed, { window, sights }) => {
    return changeWindow(healed, window.id, (row) => {
      const newer = Object.entries(sightsOf(sights)).filter(([place, sight]) => sight.isStale || row.sights[place]?.isStale);
      return newer.length > 0 ? { ...row, sights: { ...row.sights, ...Object.fromEntries(newer) } } : row;
    });
  }, state);
}

function sightsOf(sights: Board["windows"][number]["sights"]): Readonly<Record<string, Sight>> {
  return Object.fromEntries(
    sights.map(({ camera, zone, presence, since, last_on_post: lastOnPost, sample_every: sampleEvery, is_stale: isStale }) => [
      placeOf(camera, zone),
      { presence, since, lastOnPost, sampleEvery, isStale },
    ]),
  );
}

/** The board after one more fact. */
export function fold(state: BoardState, fact: Fact): BoardState {
  if (fact.seq <= state.seq) return state;
  return { ...foldBody(state, fact), seq: fact.seq };
}

function foldBody(state: BoardState, fact: Fact): BoardState {
  switch (fact.kind) {
    case "window_status":
      return foldWindowStatus(state, fact.body);
    case "observation":
      return foldObservation(state, fact.body);
    case "alert":
      return foldAlert(state, fact.body);
    case "flip":
      return foldFlip(state, fact.body);
    case "ticket":
      return foldTicket(state, fact.body);
    case "transaction":
      return foldTransaction(state, fact.body);
    case "gap":
      return foldGap(state, fact.body);
    case "segment":
      return changeCamera(state, fact.body.camera, (health) => ({ ...health, recording: health.gap === null }));
    case "run":
      return fact.body.interval.end === null ? state : changeCamera(state, fact.body.camera, (health) => ({ ...health, recording: false }));
    case "configuration":
    case "queue_event":
    case "event_refused":
    case "period":
    case "role":
    case "segment_changed":
    case "segment_deleted":
    case "lock":
    case "disk":
    case "export":
    case "silence":
    case "calendar":
    case "case":
    case "roster":
    case "announcement":
      return state;
  }
}

function changeWindow(state: BoardState, id: string, change: (row: WindowRow) => WindowRow): BoardState {
  if (!state.windows.some((row) => row.window.id === id)) return state;
  return { ...state, windows: state.windows.map((row) => (row.window.id === id ? change(row) : row)) };
}

function foldWindowStatus(state: BoardState, status: WindowStatus): BoardState {
  // A status that has an end is history; the open one that follows it is the present.
  if (status.hall !== state.hall || status.interval.end !== null) return state;
  const staff = status.staff === null ? null : (state.staff[status.staff] ?? null);
  return changeWindow(state, status.window, (row) => ({ ...row, status, staff }));
}

function foldObservation(state: BoardState, observation: Observation): BoardState {
  if (observation.interval.end !== null) return state;
  const place = placeOf(observation.camera, observation.zone);
  if (observation.kind === "people") {
    if (!(observation.camera in state.cameras)) return state;
    const count = observation.state === "unknown" ? null : observation.measure;
    return { ...state, people: { ...without(state.people, ""), [place]: count } };
  }
  if (observation.kind === "customer" && isPresence(observation.state) && observation.camera in state.cameras) {
    return { ...state, customers: { ...state.customers, [place]: observation.state } };
  }
  if (observation.kind !== "presence" || observation.window === null || !isPresence(observation.state)) return state;
  const presence = observation.state;
  const since = observation.interval.start;
  return changeWindow(state, observation.window, (row) => {
    const known = row.sights[place];
    const hasLeft = known?.presence === "on_post" && presence !== "on_post";
    const sight: Sight = {
      presence,
      since,
      lastOnPost: hasLeft ? since : (known?.lastOnPost ?? null),
      sampleEvery: known?.sampleEvery ?? USUAL_SAMPLING,
      isStale: false,
    };
    return { ...row, sights: { ...row.sights, [place]: sight } };
  });
}

function placeOf(camera: string, zone: string | null): string {
  return `${camera}/${zone ?? ""}`;
}

function foldAlert(state: BoardState, alert: Alert): BoardState {
  if (alert.subject.hall !== state.hall) return state;
  const known = state.alerts[alert.id];
  if (known && known.revision > alert.revision) return state;
  if (stands(alert)) return { ...state, alerts: { ...state.alerts, [alert.id]: alert } };
  const ended = [alert, ...state.ended.filter((other) => other.id !== alert.id)].slice(0, ENDED_KEPT);
  return { ...state, alerts: without(state.alerts, alert.id), ended };
}

function foldFlip(state: BoardState, flip: Flip): BoardState {
  const known = state.alerts[flip.alert];
  if (!known || known.revision >= flip.revision) return state;
  const { revision, after: status, severity, assignee, snoozed_until, level } = flip;
  return foldAlert(state, { ...known, revision, status, severity, assignee, snoozed_until, level });
}

function foldTicket(state: BoardState, ticket: Ticket): BoardState {
  if (ticket.hall !== state.hall) return state;
  const rest = without(state.waiting, ticket.id);
  return { ...state, waiting: isWaiting(ticket) ? { ...rest, [ticket.id]: ticket } : rest };
}

function foldTransaction(state: BoardState, transaction: Transaction): BoardState {
  if (transaction.hall !== state.hall) return state;
  const rest = without(state.transactions, transaction.id);
  const goesOn = transaction.interval.end === null;
  return { ...state, transactions: goesOn ? { ...rest, [transaction.id]: transaction } : rest };
}

function changeCamera(state: BoardState, id: string, change: (health: CameraHealth) => CameraHealth): BoardState {
  const health = state.cameras[id];
  return health ? { ...state, cameras: { ...state.cameras, [id]: change(health) } } : state;
}

function foldGap(state: BoardState, gap: Gap): BoardState {
  // What retention deleted says nothing about the present.
  if (gap.reason === "deleted_by_retention") return state;
  return changeCamera(state, gap.camera, (health) => {
    if (gap.interval.end === null) return { ...health, recording: false, gap };
    // A gap that ended earlier than the one that stands is history.
    const closesIt = health.gap === null || Date.parse(health.gap.interval.start) <= Date.parse(gap.interval.start);
    return closesIt ? { ...health, recording: true, gap: null } : health;
  });
}

function without<Value>(record: Readonly<Record<string, Value>>, key: string): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}

function stands(alert: Alert): boolean {
  return alert.status === "open" || alert.status === "acknowledged";
}

function isWaiting(ticket: Ticket): boolean {
  return ticket.status === "waiting";
}

function isPresence(state: string): state is Presence {
  return ["on_post", "leaving", "absent", "unknown"].includes(state);
}
