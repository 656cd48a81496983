import { describe, expect, it } from "vitest";

import type { Observation, TimelineFacts, TimelineOverview } from "@/api/facts";

import { joined } from "./facts";
import type { Lane, LaneKey, LaneWords } from "./lane";
import { eventsOf, lanesOfFacts, lanesOfOverviews } from "./lanes";
import { marksOf, placeOf, type Scale, timeAt } from "./scale";
import { visible } from "./thinning";
import { BUCKETS, tilesOf } from "./tiles";
import { following, LONGEST, panned, SHORTEST, zoomed } from "./view";

const ZONE = "Asia/Shanghai";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (seconds: number): string => new Date(Date.UTC(2026, 2, 2, 1, 0, seconds)).toISOString();
const ms = (seconds: number): number => Date.parse(at(seconds));
const interval = (start: number, end: number | null) => ({ start: at(start), end: end === null ? null : at(end) });

const observed = (kind: Observation["kind"], state: string, start: number, end: number | null, measure: number | null = null): Observation => ({
  kind, camera: "c1", zone: null, window: "w01", interval: interval(start, end), state, measure, confidence: null, source: "",
});
const period = (id: string, step: "accept" | "handle", start: number, end: number | null) => ({
  period: { id, transaction: "x1", window: "w01", staff: "li", step, interval: interval(start, end) }, ticket_number: "A001",
});

const told: TimelineFacts = {
  from: at(0),
  to: at(100),
  windows: ["w01"],
  whole: true,
  periods: [period("p1", "accept", 10, 40), period("p2", "handle", 40, null)],
  moments: [{ at: at(9), type: "ticket_called", window: "w01", ticket: "A001" }],
  statuses: [{ hall: "h1", window: "w01", state: "serving", interval: interval(10, null), staff: "li", reason: null, ticket: "A001", transaction: "x1", step: null }],
  alerts: [
    {
      id: "a1", kind: "absence", rule: "r", rule_version: 1, severity: "warning", status: "resolved",
      subject: { hall: "h1", window: "w01", camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null },
      interval: interval(-50, 20), opened_at: at(0), reason: { key: "absence", values: {}, zh: "一", en: "one" }, revision: 2, cameras: ["c1"],
      assignee: null, snoozed_until: null, level: 0,
    },
  ],
  cameras: [
    { camera: "c1", recorded: [interval(-20, 50), interval(70, 120)], gaps: [{ camera: "c1", interval: interval(50, 70), reason: "offline", detail: "" }], sound: true },
    { camera: "c2", recorded: [interval(0, 120)], gaps: [], sound: false },
  ],
  observations: [
    observed("presence", "on_post", 0, 60),
    observed("presence", "absent", 60, null),
    observed("speech", "speech", 12, 20),
    observed("speech", "quiet", 20, 30),
    observed("level", "measured", 0, 50, -40),
    observed("level", "unknown", 50, 70),
    observed("minute_level", "calibrated", 70, 90, 60),
    observed("voices", "raised", 14, 18, 12),
    observed("microphone", "good", 0, 50),
    observed("microphone", "hum", 50, 60),
    observed("picture", "clear", -90, 70),
    observed("picture", "moved", 70, 80),
    observed("picture", "unknown", 80, null),
  ],
};

const words: LaneWords = {
  step: (step, staff, ticket) => `${step} ${ticket} ${staff ?? ""}`,
  moment: ({ type }) => type,
  state: ({ state }) => state,
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
  transactions: (count) => `${count} transactions`,
  alerts: (count) => `${count} alerts`,
  gaps: (count) => `${count} gaps`,
  windowState: (state) => state,
  lasting: (what, seconds) => `${what} ${seconds} s`,
  nobodyWhileClosed: "nobody, closed",
  judge: (camera, zone) => [camera, ...(zone === null ? [] : [zone])].join(" "),
  highest: (decibels) => `highest ${decibels}`,
};
const focus = { sound: "c1", now: ms(100) };
const bars = (lanes: readonly Lane[], key: LaneKey, of?: string) =>
  (lanes.find((one) => one.key === key && (of === undefined || one.of === of))?.bars ?? []).map((bar) => [(bar.from - ms(0)) / 1000, (bar.to - ms(0)) / 1000, bar.label]);

describe("the lanes of single facts", () => {
  const lanes = lanesOfFacts(joined([told]), words, focus);

  it("show each period with its step, ticket and staff, the open one until now", () => {
    expect(bars(lanes, "steps")).toEqual([[10, 40, "accept A001 li"], [40, 100, "handle A001 li"]]);
  });

  it("show what the queue told, and what the window did", () => {
    expect(bars(lanes, "tickets")).toEqual([[9, 9.001, "ticket_called"]]);
    expect(bars(lanes, "state")).toEqual([[10, 100, "serving"]]);
  });

  it("show who is at the window, what is said and how loud it is", () => {
    expect(bars(lanes, "presence")).toEqual([[0, 60, "on_post"], [60, 100, "absent"]]);
    expect(bars(lanes, "speech")).toEqual([[12, 20, "speech"], [14, 18, "raised"]]);
    expect(bars(lanes, "level")).toEqual([[0, 50, "-40 dBFS"], [50, 70, "unknown"], [70, 90, "60 dB(A)"], [50, 60, "hum"]]);
    expect(lanes.find(({ key }) => key === "level")?.bars.map((bar) => bar.height)).toEqual([0.5, 1, 0.5, 1]);
  });

  it("show the sound of the camera that is heard alone", () => {
    expect(bars(lanesOfFacts(joined([told]), words, { ...focus, sound: "c2" }), "level")).toEqual([]);
  });

  it("show what was wrong with a picture, and when it could not be told, but no lane for a clear one", () => {
    expect(bars(lanes, "picture")).toEqual([[70, 80, "moved"], [80, 100, "unknown"]]);
    const clear = { ...told, observations: [observed("picture", "clear", -90, null)] };
    expect(lanesOfFacts(joined([clear]), words, focus).map(({ key }) => key)).not.toContain("picture");
  });

  it("show of each camera what was recorded, and each gap with its reason", () => {
    expect(bars(lanes, "recording", "c1")).toEqual([[-20, 50, "recorded"], [70, 120, "recorded"], [50, 70, "offline"]]);
    expect(bars(lanes, "recording", "c2")).toEqual([[0, 120, "recorded"]]);
  });

  it("list what is worth a line in the order of time", () => {
    const labels = eventsOf(lanes).map(({ bar }) => bar.label);
    expect(labels).toEqual(["absence", "ticket_called", "accept A001 li", "raised", "handle A001 li", "hum", "offline", "absent", "moved"]);
  });

  it("do not accuse in colour of what was found false", () => {
    const [alert] = told.alerts;
    if (!alert) throw new Error("no alert");
    const dismissed = { ...told, alerts: [{ ...alert, status: "dismissed" as const }] };
    expect(lanesOfFacts(joined([dismissed]), words, focus).find(({ key }) => key === "alerts")?.bars.map(({ tone }) => tone)).toEqual(["closed"]);
  });
});

describe("facts of neighbouring tiles", () => {
  const next: TimelineFacts = { ...told, from: at(100), to: at(200), periods: [period("p2", "handle", 40, 150)], whole: false };
  const both = joined([told, next]);

  it("are told once, as the later tile knows them", () => {
    expect(both.periods.map(({ period: { id, interval: { end } } }) => [id, end])).toEqual([["p1", at(40)], ["p2", at(150)]]);
    expect([both.alerts.length, both.statuses.length, both.moments.length, both.observations.length]).toEqual([1, 1, 1, told.observations.length]);
    expect(both.whole).toBe(false);
  });

  it("are one stretch where they touch", () => {
    expect(both.cameras.find(({ camera }) => camera === "c1")?.recorded).toEqual([interval(-20, 50), interval(70, 120)]);
  });
});

describe("the lanes of figures", () => {
  const overview: TimelineOverview = {
    from: at(0), to: at(40), bucket_seconds: 10, windows: ["w01"], transactions: [0, 4, 4, 1], alerts: null,
    lasting: {
      from: at(0), step_seconds: 20, steps: 2,
      states: [
        { kind: "presence", camera: "c1", window: "w01", zone: "z1", state: "unknown", seconds: [2, 0] },
        { kind: "presence", camera: "c1", window: "w01", zone: "z1", state: "absent", seconds: [5, 0] },
        { kind: "presence", camera: "c1", window: "w01", zone: "z1", state: "on_post", seconds: [3, 15] },
        { kind: "presence", camera: "c1", window: "w01", zone: "z1", state: "leaving", seconds: [0, 5] },
        { kind: "state", camera: null, window: "w01", zone: null, state: "open", seconds: [20, 0] },
        { kind: "speech", camera: "c1", window: null, zone: null, state: "speech", seconds: [4, 0] },
        { kind: "speech", camera: "c1", window: null, zone: null, state: "quiet", seconds: [16, 20] },
        { kind: "speech", camera: "c2", window: null, zone: null, state: "speech", seconds: [20, 20] },
        { kind: "voices", camera: "c1", window: null, zone: null, state: "raised", seconds: [1, 0] },
      ],
      levels: [{ camera: "c1", state: "measured", mean: [-40, null], highest: [-28, null] }],
    },
    cameras: [{ camera: "c1", recorded: [1, 1, 0.5, 0], gaps: [{ camera: "c1", interval: interval(25, 40), reason: "disk_full", detail: "" }], gaps_begun: [0, 7, 1, 0] }],
  };
  const lanes = lanesOfOverviews([overview], words, focus);

  it("join neighbouring buckets of the same value", () => {
    expect(bars(lanes, "steps")).toEqual([[10, 30, "4 transactions"], [30, 40, "1 transactions"]]);
  });

  it("show how much was recorded, long gaps with their reasons, and the number of all", () => {
    expect(bars(lanes, "recording")).toEqual([[0, 20, "recorded"], [20, 30, "recorded"], [25, 40, "disk_full"], [10, 20, "7 gaps"], [20, 30, "1 gaps"]]);
  });

  it("leave nothing in place of what may not be known, and say what needs a closer look", () => {
    expect(bars(lanes, "alerts")).toEqual([]);
    expect(lanes.filter(({ isBlank }) => isBlank).map(({ key }) => key)).toEqual(["tickets"]);
  });

  const layers = (key: LaneKey, of = lanes) =>
    (of.find((one) => one.key === key)?.bars ?? []).map(({ from, label, base, height, isHatched }) => [(from - ms(0)) / 1000, label, Number(base.toFixed(2)), Number(height.toFixed(2)), isHatched]);

  it("show how much of each hour somebody was there, and leave out what nobody judged", () => {
    expect(layers("presence")).toEqual([
      [0, "on_post 3 s", 0, 0.15, false],
      [0, "absent 5 s", 0.15, 0.25, false],
      [0, "unknown 2 s", 0.4, 0.1, true],
      [20, "on_post 15 s", 0, 0.75, false],
      [20, "leaving 5 s", 0.75, 0.25, false],
    ]);
    expect(layers("state")).toEqual([[0, "open 20 s", 0, 1, false]]);
  });

  it("do not accuse of what may lie in the time in which the window was closed", () => {
    const closed = { kind: "state" as const, camera: null, window: "w01", zone: null, state: "closed", seconds: [4, 0] };
    const told = { ...overview, lasting: { ...overview.lasting, states: [...overview.lasting.states, closed] } };
    expect(layers("presence", lanesOfOverviews([told], words, focus)).slice(0, 3)).toEqual([
      [0, "on_post 3 s", 0, 0.15, false],
      [0, "absent 1 s", 0.15, 0.05, false],
      [0, "nobody, closed 4 s", 0.2, 0.2, false],
    ]);
  });

  it("do not add up what two cameras show of a window: whom one sees is there", () => {
    const empty = { kind: "presence" as const, camera: "c2", window: "w01", zone: "z2", state: "absent", seconds: [20, 20] };
    const both = { ...overview, lasting: { ...overview.lasting, states: [...overview.lasting.states, empty] } };
    const presence = lanesOfOverviews([both], words, focus).filter(({ key }) => key === "presence");
    expect(presence.map(({ by, bars: { length } }) => [by, length])).toEqual([["c1", 5], ["c2", 2]]);
    const beside = { ...empty, camera: "c1" };
    const zones = { ...overview, lasting: { ...overview.lasting, states: [...overview.lasting.states, beside] } };
    expect(lanesOfOverviews([zones], words, focus).flatMap(({ by }) => by ?? [])).toEqual(["c1 z1", "c1 z2"]);
  });

  it("show what was said, and how loud it was, as the camera that is heard took it", () => {
    expect(layers("speech")).toEqual([[0, "speech 4 s", 0, 0.2, false], [0, "raised 1 s", 0, 0.05, false]]);
    expect(layers("level")).toEqual([[0, "highest -28", 0, 0.7, false], [0, "-40 dBFS", 0, 0.5, false]]);
  });

  it("tell an hour once that two tiles tell", () => {
    expect(layers("presence", lanesOfOverviews([overview, overview], words, focus))).toEqual(layers("presence"));
  });
});

describe("the parts of the time that are asked for", () => {
  it("cover the view, and are at most two, whatever its length", () => {
    for (let span = SHORTEST; span <= LONGEST; span *= 1.7) {
      for (const from of [0, 1.3, 999.99].map((share) => Date.UTC(2026, 0, 1) + share * span)) {
        const view = { from, to: from + span };
        const tiles = tilesOf(view);
        expect(tiles.length).toBeLessThanOrEqual(2);
        expect(tiles[0]?.from).toBeLessThanOrEqual(view.from);
        expect(tiles.at(-1)?.to).toBeGreaterThanOrEqual(view.to);
        for (const tile of tiles) expect(tile.to - tile.from).toBeLessThanOrEqual(tile.level === "facts" ? 4 * HOUR : LONGEST);
      }
    }
  });

  it("are the same while the view moves a little, and fine enough to be looked at", () => {
    const from = Date.UTC(2026, 2, 2, 1);
    expect(tilesOf({ from: from + 60_000, to: from + 120_000 })).toEqual(tilesOf({ from: from + 61_000, to: from + 121_000 }));
    const [year] = tilesOf({ from, to: from + 365 * DAY });
    expect(year?.level).toBe("overview");
    expect(BUCKETS).toBeLessThanOrEqual(2000);
  });
});

describe("the view", () => {
  const latest = Date.UTC(2026, 2, 3);
  const view = { from: latest - 10 * HOUR, to: latest - 9 * HOUR };

  it("keeps the moment under the pointer in its place while it zooms", () => {
    const middle = view.from + 0.25 * HOUR;
    const near = zoomed(view, middle, 0.5, latest);
    expect(near).toEqual({ from: middle - 0.125 * HOUR, to: middle + 0.375 * HOUR });
  });

  it("reaches from a second to a year and more, and not beyond the present", () => {
    let [near, far] = [view, view];
    for (let count = 0; count < 80; count += 1) [near, far] = [zoomed(near, view.from, 0.5, latest), zoomed(far, view.from, 2, latest)];
    expect([near.to - near.from, far.to - far.from]).toEqual([SHORTEST, LONGEST]);
    expect(panned(view, 100 * DAY, latest).from).toBe(latest - HOUR);
  });

  it("turns the page when the playhead leaves it, but not for who looks elsewhere", () => {
    expect(following(view, view.to - 10, view.to - 5)).toBeNull();
    expect(following(view, view.to - 10, view.to + 5)?.from).toBe(view.to + 5 - 0.05 * HOUR);
    expect(following(view, view.to + HOUR, view.to + HOUR + 16)).toBeNull();
    const far = following(view, view.from, view.from - 5 * HOUR);
    expect(far && (far.from + far.to) / 2).toBe(view.from - 5 * HOUR);
  });
});

describe("the scale of the timeline", () => {
  const scale: Scale = { bounds: { from: ms(0), to: ms(100) }, left: 50, right: 1050 };

  it("finds the place of a time and the time of a place, held to the bounds", () => {
    expect(placeOf(scale, ms(50))).toBe(550);
    expect(timeAt(scale, 550)).toBe(ms(50));
    expect(timeAt(scale, -100)).toBe(ms(0));
    expect(timeAt(scale, 5000)).toBe(ms(100));
  });

  it("marks times that are round where the hall is, in words that fit the distance", () => {
    expect(marksOf(scale, ZONE).map(({ label }) => label).slice(0, 3)).toEqual(["09:00:00", "09:00:10", "09:00:20"]);
    const day = { ...scale, bounds: { from: Date.UTC(2026, 2, 1, 10), to: Date.UTC(2026, 2, 2, 10) } };
    const labels = marksOf(day, ZONE).map(({ label }) => label);
    expect(labels).toContain("03-02");
    expect(labels).toContain("04:00");
    const year = { ...scale, bounds: { from: Date.UTC(2025, 8, 3), to: Date.UTC(2026, 8, 3) } };
    expect(marksOf(year, ZONE).map(({ label }) => label)).toContain("2026-03");
    expect(marksOf({ ...scale, bounds: { from: ms(0), to: ms(1) } }, ZONE)[1]?.label).toBe("09:00:00.1");
  });

  it("never crowds its marks", () => {
    for (let span = SHORTEST; span <= LONGEST; span *= 1.4) {
      expect(marksOf({ ...scale, bounds: { from: ms(0), to: ms(0) + span } }, ZONE).length).toBeLessThanOrEqual(13);
    }
  });
});

describe("what is drawn", () => {
  const scale: Scale = { bounds: { from: ms(0), to: ms(0) + 365 * DAY }, left: 100, right: 1100 };
  const bar = (from: number, to: number, isHatched = false) => ({ from, to, label: "", tone: "absent" as const, height: 1, base: 0, isHatched, isEvent: true });

  it("is bounded by the pixels, however much there is", () => {
    const many = Array.from({ length: 50_000 }, (_, index) => bar(ms(0) + index * 600_000, ms(0) + index * 600_000 + 60_000));
    const drawn = visible(many, scale);
    expect(drawn.length).toBeLessThanOrEqual(1000);
    expect(drawn.length).toBeGreaterThan(400);
  });

  it("keeps a short bar of another kind, and leaves out what lies outside", () => {
    const drawn = visible([bar(ms(0), ms(60)), bar(ms(1), ms(50)), bar(ms(2), ms(40), true), bar(ms(-50), ms(0))], scale);
    expect(drawn.map((one) => one.bar.isHatched)).toEqual([false, true]);
    expect(drawn.every(({ left, right }) => right - left >= 2)).toBe(true);
  });
});
