import { describe, expect, it } from "vitest";

import type { TimelineFacts } from "@/api/facts";

import { boundsOf, marksOf, stripOf } from "./strip";

const AT = Date.parse("2026-03-02T02:00:00Z");
const minute = (minutes: number): string => new Date(AT + minutes * 60_000).toISOString();
const span = (start: number, end: number | null) => ({ start: minute(start), end: end === null ? null : minute(end) });

const NOTHING: TimelineFacts = {
  from: minute(-15), to: minute(15), windows: ["w1"], cameras: [], periods: [], moments: [], statuses: [], alerts: [], observations: [], whole: true,
};
const BOUNDS = { from: AT - 15 * 60_000, to: AT + 15 * 60_000 };

function seen(camera: string, state: string, start: number, end: number | null): TimelineFacts["observations"][number] {
  return { kind: "presence", camera, zone: "z1", window: "w1", interval: span(start, end), state, measure: null, confidence: null, source: "" };
}

describe("the strip", () => {
  it("ends at the present while an alert is young", () => {
    const alert = { interval: span(0, null) };
    expect(boundsOf(alert, AT + 4 * 60_000)).toEqual({ from: BOUNDS.from, to: AT + 4 * 60_000 });
    expect(boundsOf(alert, AT + 60 * 60_000)).toEqual(BOUNDS);
  });

  it("cuts what reaches beyond it, and leaves out what lies outside", () => {
    const status = { hall: "h", window: "w1", state: "open", reason: null, staff: null, step: null, ticket: null, transaction: null } as const;
    const facts = {
      ...NOTHING,
      statuses: [
        { ...status, interval: span(-60, -30) },
        { ...status, interval: span(-30, 0) },
        { ...status, state: "paused", interval: span(0, null) } as const,
      ],
    };
    expect(stripOf(facts, BOUNDS, null).window.map(({ from, width, tone }) => [from, width, tone])).toEqual([
      [0, 0.5, "open"],
      [0.5, 0.5, "paused"],
    ]);
    expect(stripOf(facts, BOUNDS, null).window[1]?.ends).toBeNull();
  });

  it("shows the presence that the chosen camera saw, or that of another which looks at the window", () => {
    const facts = { ...NOTHING, observations: [seen("c1", "on_post", -10, 0), seen("c2", "unknown", -10, 5), seen("c1", "absent", 0, null)] };
    const tones = (camera: string | null): string[] => stripOf(facts, BOUNDS, camera).presence.map(({ tone }) => tone);
    expect(tones("c2")).toEqual(["unknown"]);
    expect(tones("c1")).toEqual(["on_post", "absent"]);
    expect(tones("elsewhere")).toEqual(["on_post", "absent"]);
  });

  it("shows a ticket once, over all its steps", () => {
    const period = (step: "accept" | "review", start: number, end: number | null) =>
      ({ ticket_number: "A012", period: { id: step, transaction: "t1", window: "w1", staff: null, step, interval: span(start, end) } });
    const done = stripOf({ ...NOTHING, periods: [period("review", -5, 0), period("accept", -10, -5)] }, BOUNDS, null).tickets;
    expect(done.map(({ begins, ends, text }) => [begins - AT, ends === null ? null : ends - AT, text])).toEqual([[-600_000, 0, "A012"]]);
    const going = stripOf({ ...NOTHING, periods: [period("accept", -10, -5), period("review", -5, null)] }, BOUNDS, null).tickets;
    expect(going[0]?.ends).toBeNull();
  });

  it("tells what was recorded from where nothing was, and from where nobody knows", () => {
    const camera = { camera: "c1", sound: false, recorded: [span(-10, 0)], gaps: [{ camera: "c1", interval: span(0, 5), reason: "offline", detail: "" } as const] };
    const shown = stripOf({ ...NOTHING, cameras: [camera] }, BOUNDS, "c1").recording;
    expect(shown.map(({ tone, begins, ends }) => [tone, (begins - AT) / 60_000, ((ends ?? 0) - AT) / 60_000])).toEqual([
      ["recorded", -10, 0],
      ["offline", 0, 5],
    ]);
    expect(stripOf({ ...NOTHING, cameras: [camera] }, BOUNDS, "c2").recording).toEqual([]);
  });

  it("is marked at full five minutes", () => {
    const marks = marksOf({ from: AT - 60_000, to: AT + 9 * 60_000 });
    expect(marks).toEqual([
      { at: AT, from: 0.1 },
      { at: AT + 5 * 60_000, from: 0.6 },
    ]);
  });
});
