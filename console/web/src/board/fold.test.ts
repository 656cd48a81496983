import { describe, expect, it } from "vitest";

import type { Alert, Board, Gap, Observation, Ticket, WindowStatus } from "@/api/facts";
import type { Fact } from "@/push/messages";

import { alertsOf, faceOf, figuresOf, inOrder, pauseEnds, sightOf } from "./figures";
import { begin, type BoardState, fold, heal } from "./fold";

const NOON = "2026-03-02T04:00:00Z";
const LATER = "2026-03-02T04:05:00Z";
const unit = { id: "tax", name: { zh: "税务局", en: "Tax office" } };
const staff = [{ id: "li", name: { zh: "李敏", en: "Li Min" }, unit: "tax" }];

const status = (change: Partial<WindowStatus> = {}): WindowStatus => ({
  hall: "h1",
  window: "w01",
  state: "open",
  interval: { start: NOON, end: null },
  staff: null,
  reason: null,
  ticket: null,
  transaction: null,
  step: null,
  ...change,
});

const snapshot: Board = {
  seq: 10,
  at: NOON,
  hall: "h1",
  windows: ["w01", "w02"].map((id, index) => ({
    window: { id, number: `0${index + 1}`, name: { zh: id, en: id }, unit: "tax" },
    unit,
    status: status({ window: id }),
    staff: null,
    presence: "on_post",
    presence_since: NOON,
    sights: [{ camera: "c1", zone: `z${String(index + 1)}`, presence: "on_post", since: NOON, last_on_post: NOON, sample_every: 2, is_stale: false }],
    alerts: [],
    cameras: ["c1"],
  })),
  waiting: { tickets: 0, longest_since: null, people: 3 },
  alerts: [],
  cameras: [{ camera: "c1", recording: true, gap: null, last_seen: NOON }],
  allowed_pauses: { break: 600 },
};

const alert = (change: Partial<Alert> = {}): Alert => ({
  id: "a1",
  kind: "absence",
  rule: "absence",
  rule_version: 1,
  severity: "warning",
  status: "open",
  subject: { hall: "h1", window: "w01", camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null },
  interval: { start: NOON, end: null },
  opened_at: LATER,
  reason: { key: "absence", values: {}, zh: "一号窗口无人", en: "Nobody at window 1" },
  revision: 1,
  cameras: ["c1"],
  assignee: null,
  snoozed_until: null,
  level: 0,
  ...change,
});

const ticket = (change: Partial<Ticket> = {}): Ticket => ({
  id: "t1",
  hall: "h1",
  number: "A001",
  item: null,
  status: "waiting",
  taken_at: NOON,
  waiting_since: NOON,
  called_at: null,
  started_at: null,
  finished_at: null,
  window: null,
  calling: null,
  past_waits: [],
  past_calls: [],
  ...change,
});

const sight = (change: Partial<Observation> = {}): Observation => ({
  kind: "presence",
  camera: "c1",
  zone: "z1",
  window: "w01",
  interval: { start: LATER, end: null },
  state: "absent",
  measure: null,
  confidence: 0.9,
  source: "movenet@1",
  ...change,
});

const gap = (end: string | null, start = LATER): Gap => ({ camera: "c1", interval: { start, end }, reason: "offline", detail: "" });

type Told = { [Kind in Fact["kind"]]: Pick<Extract<Fact, { kind: Kind }>, "kind" | "body"> }[Fact["kind"]];

const start = (): BoardState => begin(snapshot, [], [], staff);

function after(state: BoardState, ...told: readonly Told[]): BoardState {
  return told.reduce((board, one) => fold(board, { ...one, seq: board.seq + 1, at: LATER }), state);
}

function row(state: BoardState, id = "w01") {
  const found = state.windows.find((one) => one.window.id === id);
  if (!found) throw new Error(`no window ${id}`);
  return found;
}

const face = (state: BoardState, id = "w01") => faceOf(state, row(state, id));

describe("folding facts into the board", () => {
  it("passes over a fact that the snapshot holds already", () => {
    const state = start();
    expect(fold(state, { kind: "alert", seq: 10, at: LATER, body: alert() })).toBe(state);
  });

  it("remembers the seq of every fact, also of those that change nothing", () => {
    expect(after(start(), { kind: "role", body: {} }).seq).toBe(11);
  });

  it("shows a window's new status and who stands behind it", () => {
    const state = after(start(), {
      kind: "window_status",
      body: status({ state: "serving", ticket: "A012", step: "accept", staff: "li", interval: { start: LATER, end: null } }),
    });
    expect(row(state).status?.ticket).toBe("A012");
    expect(row(state).staff?.name.en).toBe("Li Min");
    expect(face(state)).toEqual({ face: "serving", since: LATER });
    expect(row(state, "w02").status?.state).toBe("open");
  });

  it("takes a status with an end for history", () => {
    const state = after(start(), { kind: "window_status", body: status({ state: "closed", interval: { start: NOON, end: LATER } }) });
    expect(face(state).face).toBe("open");
  });

  it("leaves out what belongs to another hall", () => {
    const state = after(
      start(),
      { kind: "window_status", body: status({ hall: "h2", state: "paused" }) },
      { kind: "ticket", body: ticket({ hall: "h2" }) },
      { kind: "alert", body: alert({ subject: { ...alert().subject, hall: "h2" } }) },
    );
    expect(face(state).face).toBe("open");
    expect(figuresOf(state)).toMatchObject({ waiting: 0, alerts: 0 });
  });

  it("shows a post as absent once nobody is seen there", () => {
    const state = after(start(), { kind: "observation", body: sight() });
    expect(face(state)).toEqual({ face: "absent", since: LATER });
    expect(face(state, "w02").face).toBe("open");
  });

  it("does not call a paused or closed window absent", () => {
    const paused = after(start(), { kind: "observation", body: sight() }, { kind: "window_status", body: status({ state: "paused", reason: "break" }) });
    expect(face(paused).face).toBe("paused");
    const closed = after(paused, { kind: "window_status", body: status({ state: "closed" }) });
    expect(face(closed).face).toBe("closed");
  });

  it("keeps a post attended while one camera of two sees somebody", () => {
    const state = after(
      start(),
      { kind: "observation", body: sight({ camera: "c2", state: "on_post" }) },
      { kind: "observation", body: sight() },
    );
    expect(sightOf(row(state))?.presence).toBe("on_post");
  });

  it("leaves it unknown when the camera that showed the clerk goes blind and the other never did", () => {
    const state = after(
      start(),
      { kind: "observation", body: sight({ camera: "c2" }) },
      { kind: "observation", body: sight({ state: "unknown" }) },
    );
    expect(sightOf(row(state))).toEqual({ presence: "unknown", since: LATER });
    expect(face(state)).toEqual({ face: "unknown", since: LATER });
  });

  it("believes the other camera once it has seen the clerk leave itself", () => {
    const state = after(
      start(),
      { kind: "observation", body: sight({ state: "unknown" }) },
      { kind: "observation", body: sight({ camera: "c2", state: "on_post" }) },
      { kind: "observation", body: sight({ camera: "c2", state: "leaving", interval: { start: LATER, end: null } }) },
    );
    expect(sightOf(row(state))?.presence).toBe("leaving");
  });

  it("takes what a camera tells in place of what the snapshot said of its zone", () => {
    const state = begin(snapshot, [], [sight()], staff);
    expect(sightOf(row(state))?.presence).toBe("absent");
  });

  it("cannot tell any more when the server says that analysis has not looked, until it looks again", () => {
    const seen = after(start(), { kind: "observation", body: sight({ state: "on_post" }) });
    const [first, ...rest] = snapshot.windows;
    const shown = first?.sights[0];
    if (!first || !shown) throw new Error("the snapshot has no window");
    const stale = { ...shown, presence: "unknown" as const, since: LATER, is_stale: true };
    const blind = heal(seen, { hall: "h1", windows: [{ ...first, sights: [stale] }, ...rest] });
    expect(face(blind)).toEqual({ face: "unknown", since: LATER });
    expect(face(blind, "w02").face).toBe("open");
    expect(face(heal(blind, snapshot)).face).toBe("open");
    expect(face(after(blind, { kind: "observation", body: sight() })).face).toBe("absent");
  });

  it("keeps what the cameras told when the server sees as well", () => {
    const state = after(start(), { kind: "observation", body: sight() });
    expect(heal(state, snapshot)).toEqual(state);
  });

  it("says that it cannot see, rather than absent, when the camera is gone", () => {
    const state = after(start(), { kind: "observation", body: sight() }, { kind: "gap", body: gap(null) });
    expect(face(state)).toEqual({ face: "unknown", since: LATER });
  });

  it("opens, changes and ends an alert by its facts", () => {
    const opened = after(start(), { kind: "alert", body: alert() });
    expect(alertsOf(opened, "w01")).toHaveLength(1);
    const taken = after(opened, { kind: "alert", body: alert({ status: "acknowledged", revision: 2 }) });
    expect(taken.alerts.a1?.status).toBe("acknowledged");
    const ended = after(taken, { kind: "alert", body: alert({ status: "resolved", revision: 3 }) });
    expect(ended.alerts).toEqual({});
    expect(ended.ended.map((one) => one.status)).toEqual(["resolved"]);
  });

  it("does not fall back to an older revision of an alert", () => {
    const state = after(start(), { kind: "alert", body: alert({ revision: 2, status: "acknowledged" }) }, { kind: "alert", body: alert() });
    expect(state.alerts.a1?.status).toBe("acknowledged");
  });

  it("follows an alert by its flips alone", () => {
    const flip = {
      alert: "a1", revision: 2, at: LATER, before: "open", after: "dismissed", severity: "warning",
      actor: "officer", who: "wang", reason: alert().reason, kind: "status", assignee: "li", snoozed_until: null, level: 0,
    } as const;
    const state = after(start(), { kind: "alert", body: alert() }, { kind: "flip", body: flip });
    expect(state.alerts).toEqual({});
    expect(state.ended[0]).toMatchObject({ id: "a1", status: "dismissed", revision: 2, assignee: "li" });
    expect(after(start(), { kind: "flip", body: flip }).ended).toEqual([]);
  });

  it("counts waiting tickets, each once, until they are called", () => {
    const two = after(
      begin(snapshot, [ticket()], [], staff),
      { kind: "ticket", body: ticket() },
      { kind: "ticket", body: ticket({ id: "t2", number: "A002", waiting_since: LATER }) },
    );
    expect(figuresOf(two)).toMatchObject({ waiting: 2, longestSince: NOON });
    const one = after(two, { kind: "ticket", body: ticket({ status: "called", called_at: LATER }) });
    expect(figuresOf(one)).toMatchObject({ waiting: 1, longestSince: LATER });
  });

  it("finds the longest wait among times with and without fractions", () => {
    const early = "2026-03-02T04:00:00Z";
    const late = "2026-03-02T04:00:00.500000Z";
    const state = begin(snapshot, [ticket({ waiting_since: late }), ticket({ id: "t2", waiting_since: early })], [], staff);
    expect(figuresOf(state).longestSince).toBe(early);
  });

  it("adds up the people of all waiting zones and says when one cannot be counted", () => {
    const people = (zone: string, measure: number | null, state = "counted"): Told => ({
      kind: "observation",
      body: sight({ kind: "people", zone, window: null, measure, state }),
    });
    expect(figuresOf(start()).people).toBe(3);
    const counted = after(start(), people("east", 2), people("west", 5));
    expect(figuresOf(counted).people).toBe(7);
    expect(figuresOf(after(counted, people("west", null, "unknown"))).people).toBeNull();
  });

  it("counts a camera as recording again once its gap has ended", () => {
    const lost = after(start(), { kind: "gap", body: gap(null) });
    expect(figuresOf(lost)).toMatchObject({ camerasRecording: 0, cameras: 1 });
    const old = after(lost, { kind: "gap", body: gap(NOON, "2026-03-02T03:00:00Z") });
    expect(figuresOf(old).camerasRecording).toBe(0);
    expect(figuresOf(after(lost, { kind: "gap", body: gap("2026-03-02T04:09:00Z") })).camerasRecording).toBe(1);
  });

  it("does not take a segment that ends late for the end of a gap", () => {
    const state = after(start(), { kind: "gap", body: gap(null) }, { kind: "segment", body: { camera: "c1", interval: { start: NOON, end: LATER } } });
    expect(figuresOf(state).camerasRecording).toBe(0);
  });

  it("takes no footage that was deleted for a camera that is recorded again", () => {
    const lost = after(start(), { kind: "gap", body: gap(null) });
    const deleted = { ...gap("2026-03-02T04:09:00Z"), reason: "deleted_by_retention" as const };
    expect(figuresOf(after(lost, { kind: "gap", body: deleted })).camerasRecording).toBe(0);
  });

  it("is a pure function of snapshot and facts", () => {
    const state = start();
    const frozen = JSON.stringify(state);
    after(state, { kind: "alert", body: alert() }, { kind: "gap", body: gap(null) }, { kind: "ticket", body: ticket() });
    expect(JSON.stringify(state)).toBe(frozen);
  });
});

describe("the order of alerts", () => {
  it("puts what nobody has acknowledged first, then the serious, then the newest, and what is snoozed last", () => {
    const ordered = inOrder([
      alert({ id: "asleep", severity: "serious", snoozed_until: LATER }),
      alert({ id: "taken", status: "acknowledged", severity: "serious" }),
      alert({ id: "old", opened_at: NOON }),
      alert({ id: "new" }),
      alert({ id: "serious", severity: "serious", opened_at: NOON }),
    ]);
    expect(ordered.map((one) => one.id)).toEqual(["serious", "new", "old", "taken", "asleep"]);
  });

  it("does not count a snoozed alert among those to acknowledge", () => {
    const state = after(start(), { kind: "alert", body: alert({ snoozed_until: LATER }) });
    expect(figuresOf(state)).toMatchObject({ alerts: 1, alertsOpen: 0 });
  });
});

describe("a pause and its permitted time", () => {
  const paused = (reason: WindowStatus["reason"]): BoardState =>
    fold(begin(snapshot, [], [], staff), {
      kind: "window_status",
      seq: 11,
      at: LATER,
      body: status({ state: "paused", reason, interval: { start: LATER, end: null } }),
    });
  const first = (state: BoardState): number | null => {
    const row = state.windows[0];
    if (!row) throw new Error("there is a window");
    return pauseEnds(state, row);
  };

  it("ends so many seconds after the pause began as its reason is permitted", () => {
    expect(first(paused("break"))).toBe(Date.parse(LATER) + 600_000);
  });

  it("has no end where the reason is not permitted, and none where nothing is paused", () => {
    expect(first(paused("fault"))).toBeNull();
    expect(first(begin(snapshot, [], [], staff))).toBeNull();
  });
});
