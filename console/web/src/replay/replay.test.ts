import { describe, expect, it } from "vitest";

import type { Observation, TransactionReplay } from "@/api/facts";

import { gapAt, recorded, sourceOfTransaction, within } from "./source";
import { eventsOf, type LaneKey, lanesOf, type LaneWords } from "./timeline/lanes";
import { marksOf, placeOf, type Scale, timeAt } from "./timeline/scale";
import { mediaTimeAt, wallTimeAt } from "./walltime";

const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 2, 1, 0, seconds)).toISOString();
const ms = (seconds: number): number => Date.parse(at(seconds));
const interval = (start: number, end: number | null) => ({ start: at(start), end: end === null ? null : at(end) });

const segment = (sequence: number, start: number, end: number) => ({
  id: `s${sequence}`, run: "r", camera: "c1", sequence, interval: interval(start, end), media_duration: end - start, size: 1, sha256: "", has_audio: true,
});
const observed = (kind: Observation["kind"], state: string, start: number, end: number | null, measure: number | null = null): Observation => ({
  kind, camera: "c1", zone: null, window: "w01", interval: interval(start, end), state, measure, confidence: null, source: "",
});
const reason = { key: "absence", values: {}, zh: "一", en: "one" };

const replay: TransactionReplay = {
  from: at(0),
  to: at(100),
  transaction: {
    id: "x1", hall: "h1", ticket: "t1", ticket_number: "A001", serial: null, item: null, window: "w01", staff: "li", interval: interval(10, 90),
  },
  ticket: {
    id: "t1", hall: "h1", number: "A001", item: null, status: "served", taken_at: at(0), waiting_since: at(0), called_at: at(9), started_at: at(10), finished_at: at(90), window: "w01", calling: interval(9, 10),
  },
  periods: [
    { id: "p1", transaction: "x1", window: "w01", staff: "li", step: "accept", interval: interval(10, 40) },
    { id: "p2", transaction: "x1", window: "w01", staff: "li", step: "handle", interval: interval(40, null) },
  ],
  alerts: [
    {
      id: "a1", kind: "absence", rule: "r", rule_version: 1, severity: "warning", status: "resolved",
      subject: { hall: "h1", window: "w01", camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null },
      interval: interval(-50, 20), opened_at: at(0), reason, revision: 2, cameras: ["c1"],
      assignee: null, snoozed_until: null, level: 0,
    },
  ],
  cameras: [
    {
      camera: "c1",
      segments: [segment(0, -20, 30), segment(1, 30, 50), segment(2, 70, 120)],
      gaps: [{ camera: "c1", interval: interval(50, 70), reason: "offline", detail: "" }],
    },
  ],
  observations: [
    observed("presence", "on_post", 0, 60),
    observed("presence", "absent", 60, null),
    observed("speech", "speech", 12, 20),
    observed("speech", "quiet", 20, 30),
    observed("level", "measured", 0, 50, -40),
    observed("level", "unknown", 50, 70),
    observed("level", "calibrated", 70, 90, 60),
    observed("voices", "calm", 0, 14),
    observed("voices", "raised", 14, 18, 12),
    observed("microphone", "good", 0, 50),
    observed("microphone", "hum", 50, 60),
    observed("picture", "clear", -90, 70),
    observed("picture", "moved", 70, 80),
    observed("picture", "unknown", 80, null),
  ],
};

const words: LaneWords = {
  step: (step, staff) => `${step} ${staff ?? ""}`,
  presence: (presence) => presence,
  speech: "speech",
  unknown: "unknown",
  raised: "raised",
  level: (decibels, isCalibrated) => `${decibels} ${isCalibrated ? "dB(A)" : "dBFS"}`,
  microphone: (fault) => fault,
  picture: (fault) => fault,
  alert: (alert) => alert.kind,
  gap: (why) => why,
  recorded: "recorded",
};

const source = sourceOfTransaction(replay);
const lanes = lanesOf(source, "c1", words);
const lane = (key: LaneKey) =>
  (lanes.find((one) => one.key === key)?.bars ?? []).map((bar) => [(bar.from - ms(0)) / 1000, (bar.to - ms(0)) / 1000, bar.label]);

describe("the lanes of a replay", () => {
  it("show each period with its step and staff, the open one to the end", () => {
    expect(lane("steps")).toEqual([
      [10, 40, "accept li"],
      [40, 100, "handle li"],
    ]);
  });

  it("show who is at the window, what is said and how loud it is", () => {
    expect(lane("presence")).toEqual([
      [0, 60, "on_post"],
      [60, 100, "absent"],
    ]);
    expect(lane("speech")).toEqual([
      [12, 20, "speech"],
      [14, 18, "raised"],
    ]);
    expect(lane("level")).toEqual([
      [0, 50, "-40 dBFS"],
      [50, 70, "unknown"],
      [70, 90, "60 dB(A)"],
      [50, 60, "hum"],
    ]);
  });

  it("show what was wrong with the picture, and when it could not be told", () => {
    expect(lane("picture")).toEqual([
      [70, 80, "moved"],
      [80, 100, "unknown"],
    ]);
    const calm = { ...source, observations: [observed("picture", "clear", -90, null)] };
    expect(lanesOf(calm, "c1", words).map((one) => one.key)).not.toContain("picture");
  });

  it("draw a calibrated level on a scale of its own", () => {
    const bars = lanes.find((one) => one.key === "level")?.bars ?? [];
    expect(bars.map((one) => one.height)).toEqual([0.5, 1, 0.5, 1]);
  });

  it("show each window by itself when a camera is replayed that shows several", () => {
    const other = { ...observed("presence", "absent", 5, 50), window: "w02" };
    const whole = { ...source, transaction: null, observations: [...source.observations, other] };
    const found = lanesOf(whole, "c1", words);
    expect(found.map((one) => one.window ?? one.key)).toEqual(["w01", "w02", "picture", "speech", "level", "alerts", "recording"]);
    expect(found[1]?.bars.map((bar) => bar.label)).toEqual(["absent"]);
  });

  it("cut an alert to the bounds of the replay", () => {
    expect(lane("alerts")).toEqual([[0, 20, "absence"]]);
  });

  it("show what was recorded, and each gap with its reason", () => {
    expect(lane("recording")).toEqual([
      [0, 50, "recorded"],
      [70, 100, "recorded"],
      [50, 70, "offline"],
    ]);
  });

  it("list what is worth a line in the order of time", () => {
    expect(eventsOf(lanes).map(({ bar }) => bar.label)).toEqual(["absence", "accept li", "raised", "handle li", "hum", "offline", "absent", "moved"]);
  });
});

describe("a stretch of a replay", () => {
  it("lies within the bounds, or nowhere", () => {
    expect(within(interval(-30, -10), source)).toBeNull();
    expect(within(interval(-30, 10), source)).toEqual({ from: ms(0), to: ms(10) });
  });

  it("joins files that follow each other", () => {
    const [record] = replay.cameras;
    expect(record && recorded(record, source)).toHaveLength(2);
  });

  it("knows the gap at a moment", () => {
    expect(gapAt(replay.cameras[0], ms(60))?.reason).toBe("offline");
    expect(gapAt(replay.cameras[0], ms(70))).toBeNull();
  });
});

describe("the scale of the timeline", () => {
  const scale: Scale = { bounds: { from: ms(0), to: ms(100) }, left: 50, right: 1050 };

  it("finds the place of a time and the time of a place", () => {
    expect(placeOf(scale, ms(50))).toBe(550);
    expect(timeAt(scale, 550)).toBe(ms(50));
  });

  it("holds a place outside to the bounds", () => {
    expect(timeAt(scale, -100)).toBe(ms(0));
    expect(timeAt(scale, 5000)).toBe(ms(100));
  });

  it("marks round times that do not crowd each other", () => {
    expect(marksOf(scale).map((mark) => (mark - ms(0)) / 1000)).toEqual([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    expect(marksOf({ ...scale, right: 250 }).length).toBeLessThanOrEqual(4);
  });
});

describe("wall time in a playlist with a gap", () => {
  const fragments = [
    { start: 0, duration: 10, programDateTime: ms(0) },
    { start: 10, duration: 10, programDateTime: ms(10) },
    { start: 20, duration: 10, programDateTime: ms(60) },
  ];

  it("is found from media time, and back", () => {
    for (const second of [0, 5, 15, 65]) {
      const media = mediaTimeAt(fragments, ms(second));
      expect(media).not.toBeNull();
      expect(wallTimeAt(fragments, media ?? -1)).toBe(ms(second));
    }
  });

  it("jumps over the gap to the next picture", () => {
    expect(mediaTimeAt(fragments, ms(30))).toBe(20);
  });

  it("stays on the first and the last picture outside of the playlist", () => {
    expect(mediaTimeAt(fragments, ms(-10))).toBe(0);
    expect(mediaTimeAt(fragments, ms(500))).toBeCloseTo(29.9);
  });

  it("is unknown where nothing was recorded", () => {
    expect(mediaTimeAt([], ms(0))).toBeNull();
    expect(wallTimeAt(fragments, 31)).toBeNull();
  });
});
