import { describe, expect, it } from "vitest";

import type { Board, CameraView, Observation } from "@/api/facts";
import { begin, type BoardState, fold } from "@/board/fold";

import { camerasOf } from "./alertCameras";
import { isBlind, labelPlace, zoneStates } from "./zoneStates";

const NOON = "2026-03-02T04:00:00Z";

const square = [[0.1, 0.2], [0.5, 0.2], [0.5, 0.6], [0.1, 0.6]] as [number, number][];
const camera: CameraView = {
  id: "c1", hall: "h1", name: { zh: "一号机", en: "One" }, record: true, sample_every: 2, windows: ["w1"], live: true,
  zones: [
    { id: "staff", role: "staff", window: "w1", polygon: square },
    { id: "customer", role: "customer", window: "w1", polygon: square },
    { id: "queue", role: "waiting", window: null, polygon: square },
  ],
};

const board: Board = {
  seq: 1,
  at: NOON,
  hall: "h1",
  windows: [
    {
      window: { id: "w1", number: "1", name: { zh: "一", en: "One" }, unit: "u1" },
      unit: { id: "u1", name: { zh: "局", en: "Office" } },
      status: null, staff: null, presence: "absent", presence_since: NOON,
      sights: [{ camera: "c1", zone: "staff", presence: "absent", since: NOON, last_on_post: null, sample_every: 2, is_stale: false }],
      alerts: [], cameras: ["c1"],
    },
  ],
  waiting: { tickets: 0, longest_since: null, people: null },
  alerts: [],
  cameras: [{ camera: "c1", recording: true, gap: null, last_seen: NOON }],
  allowed_pauses: {},
};

const seen = (kind: Observation["kind"], zone: string, state: string, measure: number | null = null): Observation => ({
  kind, camera: "c1", zone, window: zone === "queue" ? null : "w1", interval: { start: NOON, end: null }, state, measure, confidence: null, source: "",
});

function tones(state: BoardState, blind = false): string[] {
  return zoneStates(camera, state, blind).map(({ tone, people }) => (people === null ? tone : `${tone} ${String(people)}`));
}

describe("the zones of a camera", () => {
  it("show who is on post, whether a customer is there, and how many wait", () => {
    const state = begin(board, [], [seen("customer", "customer", "on_post"), seen("people", "queue", "counted", 5)], []);
    expect(tones(state)).toEqual(["away", "there", "counted 5"]);
  });

  it("follow what is observed next; a customer who is gone is nobody missed", () => {
    let state = begin(board, [], [seen("customer", "customer", "on_post")], []);
    state = fold(state, { kind: "observation", seq: 2, at: NOON, body: seen("customer", "customer", "absent") });
    state = fold(state, { kind: "observation", seq: 3, at: NOON, body: seen("presence", "staff", "leaving") });
    expect(tones(state)).toEqual(["leaving", "nobody", "unknown"]);
  });

  it("are unknown while nothing has been told of them, and all of them while analysis does not look", () => {
    const state = begin(board, [], [seen("people", "queue", "counted", 5)], []);
    expect(tones(state)).toEqual(["away", "unknown", "counted 5"]);
    expect(tones(state, true)).toEqual(["unknown", "unknown", "unknown"]);
  });

  it("of another hall's camera change nothing", () => {
    const state = begin(board, [], [], []);
    expect(fold(state, { kind: "observation", seq: 2, at: NOON, body: { ...seen("customer", "z", "on_post"), camera: "c9" } }).customers).toEqual({});
  });

  it("have their label at the top left", () => {
    expect(labelPlace(square)).toEqual([0.1, 0.2]);
  });
});

describe("analysis", () => {
  it("has lost sight of a camera after half a minute, or when it never looked", () => {
    const at = Date.parse(NOON);
    expect(isBlind(NOON, at + 29_000)).toBe(false);
    expect(isBlind(NOON, at + 31_000)).toBe(true);
    expect(isBlind(null, at)).toBe(true);
  });
});

describe("the cameras of an alert", () => {
  const subject = { hall: "h1", window: "w1", camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null };
  const other = { ...camera, id: "c2", windows: ["w2"] };

  it("are those that it names and those of its window, each once and only where the hall has them", () => {
    expect(camerasOf({ cameras: ["c2", "gone"], subject }, [camera, other])).toEqual(["c2", "c1"]);
    expect(camerasOf({ cameras: [], subject: { ...subject, window: null, camera: "c2" } }, [camera, other])).toEqual(["c2"]);
  });
});
