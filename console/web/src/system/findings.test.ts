import { describe, expect, it } from "vitest";

import type { CameraStanding, DiskStanding, ProcessStanding, SystemHealth } from "@/api/facts";

import { findings } from "./findings";
import { diskTone } from "./marks";
import { roleOf, shareOf } from "./roles";

const AT = "2026-03-02T02:00:00Z";

function process(name: string, changes: Partial<ProcessStanding> = {}): ProcessStanding {
  return { name, state: "running", since: AT, restarts: 0, counted_since: AT, last_beat: AT, process: 1, machine: "m", why: null, ...changes };
}

function disk(changes: Partial<DiskStanding> = {}): DiskStanding {
  return {
    path: "/a", total: 100, free: 50, kept_free: 5, bytes_per_second: 1, fills_in_seconds: 45, short_at: null,
    state: "ok", since: AT, measured_at: AT, is_stale: false, ...changes,
  };
}

function camera(changes: Partial<CameraStanding> = {}): CameraStanding {
  const progress = { pace: "keeps_up", until: AT, late_seconds: 1, gap: null } as const;
  return { hall: "h1", camera: "c1", name: { zh: "一", en: "One" }, recording: progress, analysis: progress, clock_offset_seconds: 0, ...changes };
}

type Site = NonNullable<SystemHealth["site"]>;

function health(site: Partial<Site> = {}, changes: Partial<SystemHealth> = {}): SystemHealth {
  return {
    at: AT,
    version: "1",
    python: "3",
    figures_known: true,
    cameras: [camera()],
    waiting: { refused_events: 0, refused_deliveries: 0, refused_deliveries_since: AT, exports: 0 },
    site: {
      processes: [process("capture")],
      bus_connected: true,
      database: { kind: "sqlite", answered_seconds: 0.001, bytes: 1 },
      evaluation: { pace: "keeps_up", leader: "a", leads_until: AT, judged_until: AT, late_seconds: 1, waiting: 0 },
      disks: [disk()],
      archive: null,
      notifiers: [],
      dropped: [{ what: "pictures", count: 40 }],
      configuration: { version: 1, at: AT, by: "", of_file: true, other_file_at: null },
      ...site,
    },
    ...changes,
  };
}

const keys = (one: SystemHealth): string[] => findings(one).map(({ key }) => key);

describe("what needs somebody", () => {
  it("is nothing where all is well, whatever analysis left out", () => {
    expect(findings(health())).toEqual([]);
  });

  it("is one thing for several processes of the same state, by their names", () => {
    const processes = [process("capture", { state: "away" }), process("live", { state: "away" }), process("alerts", { restarts: 3 })];
    expect(findings(health({ processes })).map(({ key, tone, about }) => [key, tone, about])).toEqual([
      ["processAway", "bad", ["capture", "live"]],
      ["restartsMany", "watch", ["alerts"]],
    ]);
  });

  it("says once that the bus is away, and nothing of processes that cannot be heard then", () => {
    const processes = [process("capture", { state: "unknown", why: "bus_away" })];
    expect(keys(health({ processes, bus_connected: false }))).toEqual(["busAway"]);
  });

  it("says of a console that has just started nothing, and of silence that nothing is known", () => {
    expect(keys(health({ processes: [process("live", { state: "unknown", why: "just_begun" })] }))).toEqual([]);
    const [found] = findings(health({ processes: [process("live", { state: "unknown", why: "not_heard" })] }));
    expect([found?.key, found?.tone]).toEqual(["processUnknown", "unknown"]);
  });

  it("does not blame analysis for a camera that gives no picture", () => {
    const late = { pace: "late", until: AT, late_seconds: 300, gap: null } as const;
    const stopped = camera({ recording: { ...late, pace: "stopped" }, analysis: late });
    expect(keys(health({}, { cameras: [stopped] }))).toEqual(["recordingStopped"]);
    expect(keys(health({}, { cameras: [camera({ analysis: late })] }))).toEqual(["analysisLate"]);
  });

  it("puts what is lost before what may be, and what is not known last", () => {
    const stopped = camera({ recording: { pace: "stopped", until: AT, late_seconds: 20, gap: null } });
    const told = keys(health({ disks: [disk({ state: "short_soon" }), disk({ path: "/b", is_stale: true })] }, { cameras: [stopped] }));
    expect(told).toEqual(["recordingStopped", "diskShortSoon", "diskStale"]);
  });

  it("does not call a disk full that nobody measured lately", () => {
    const stale = disk({ state: "full", is_stale: true });
    expect(keys(health({ disks: [stale] }))).toEqual(["diskStale"]);
    expect([diskTone(stale), diskTone(disk({ state: "full" }))]).toEqual(["unknown", "bad"]);
  });

  it("tells of a clock that is wrong either way, and not of one that is not told", () => {
    const cameras = [camera({ clock_offset_seconds: -2.5 }), camera({ clock_offset_seconds: null }), camera({ clock_offset_seconds: 1.9 })];
    expect(findings(health({}, { cameras }))).toEqual([{ key: "clockOff", tone: "watch", about: [{ zh: "一", en: "One" }] }]);
  });

  it("tells of facts that were lost, of a file that says otherwise and of a slow archive", () => {
    const archive = { name: "b/", days: null, working: true, waiting: 9, oldest_seconds: 90_000 };
    const configuration = { version: 2, at: AT, by: "li", of_file: false, other_file_at: AT };
    expect(keys(health({ archive, configuration, dropped: [{ what: "facts", count: 1 }] }))).toEqual(["factsLost", "archiveBehind", "otherFile"]);
  });

  it("is told of the own cameras alone to who does not see the site", () => {
    const late = camera({ analysis: { pace: "late", until: AT, late_seconds: 99, gap: null } });
    expect(keys(health({}, { site: null, cameras: [late] }))).toEqual(["analysisLate"]);
  });
});

describe("names of processes", () => {
  it("know the role and the share of a process", () => {
    expect([roleOf("capture-1-of-2"), shareOf("capture-1-of-2"), roleOf("demo-hall"), shareOf("live")]).toEqual(["capture", "1/2", "other", ""]);
  });
});
