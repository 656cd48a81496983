import { describe, expect, it } from "vitest";

import type { CameraView } from "@/api/facts";

import { choicesOf, fitting } from "./choices";

const camera = (id: string, zh: string, en: string, windows: string[]): CameraView => ({
  id, hall: "h1", name: { zh, en }, record: true, sample_every: 2, zones: [], windows, live: true,
});

const choices = choicesOf({
  cameras: [camera("c1", "东侧", "East", ["w1", "w2"]), camera("c2", "大厅", "Lobby", [])],
  windows: [
    { id: "w1", number: "01", name: { zh: "社会保险", en: "Social Insurance" } },
    { id: "w2", number: "02", name: { zh: "综合受理", en: "General Matters" } },
    { id: "w3", number: "03", name: { zh: "无摄像机", en: "Unseen" } },
  ],
});

describe("what may be put onto the wall", () => {
  it("is every camera, and every window that a camera shows", () => {
    expect(choices.map(({ key, cameras }) => [key, cameras])).toEqual([
      ["camera:c1", ["c1"]],
      ["camera:c2", ["c2"]],
      ["window:w1", ["c1"]],
      ["window:w2", ["c1"]],
    ]);
  });

  it("is found by its names in both languages, by its number, and a camera by the windows that it shows", () => {
    const keys = (sought: string): string[] => fitting(choices, sought).map(({ key }) => key);
    expect(keys("社会")).toEqual(["window:w1"]);
    expect(keys("general MATTERS")).toEqual(["window:w2"]);
    expect(keys("02")).toEqual(["camera:c1", "window:w2"]);
    expect(keys("c2")).toEqual(["camera:c2"]);
    expect(keys("east lobby")).toEqual([]);
    expect(keys("  ")).toHaveLength(4);
  });
});
