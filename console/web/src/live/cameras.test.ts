import { describe, expect, it } from "vitest";

import { faultOf, isConfirmable, leftOut } from "./cameras";

describe("the state of a camera's picture", () => {
  it("is a fault unless it is clear or unknown", () => {
    expect(["clear", "unknown", "frozen", "moved"].map(faultOf)).toEqual([null, null, "frozen", "moved"]);
  });

  it("is ended by an officer only where it depends on what the camera used to show", () => {
    expect(isConfirmable("moved")).toBe(true);
    expect(isConfirmable("frozen")).toBe(false);
    expect(isConfirmable("black")).toBe(false);
  });
});

describe("pictures left out", () => {
  it("are those overtaken, damaged and failed together", () => {
    const watching = {
      camera: "c1", at: "2026-03-02T01:00:00Z", delay: 0.4, examined: 90, superseded: 3, damaged: 2, failed: 1,
      decode_seconds: 0.01, examine_seconds: 0.02, key_frame_seconds: 2, is_rare: false, zones: [],
    };
    expect(leftOut(watching)).toBe(6);
  });
});
