import { describe, expect, it } from "vitest";

import type { CameraView } from "@/api/facts";

import { redactionOf, windowsShown } from "./redaction";

function camera(id: string, ...zones: readonly (readonly [string, string | null])[]): CameraView {
  return { id, zones: zones.map(([role, window]) => ({ role, window })) } as unknown as CameraView;
}

describe("a redaction", () => {
  it("leaves visible only whom a chosen camera shows at a window", () => {
    const cameras = [camera("c1", ["staff", "w1"], ["customer", "w1"], ["waiting", null]), camera("c2", ["staff", "w2"])];
    expect(windowsShown(cameras, ["c1"])).toEqual(["w1"]);
    expect(windowsShown(cameras, ["c1", "c2"])).toEqual(["w1", "w2"]);
    expect(windowsShown(cameras, [])).toEqual([]);
  });

  it("is none where everything stays as it was recorded", () => {
    expect(redactionOf("kept", ["w1"], false)).toBeNull();
  });

  it("names windows for by-standers alone", () => {
    expect(redactionOf("by_standers", ["w1"], false)).toEqual({ heads: "by_standers", windows: ["w1"], mutes_sound: false });
    expect(redactionOf("all", ["w1"], true)).toEqual({ heads: "all", windows: [], mutes_sound: true });
    expect(redactionOf("kept", ["w1"], true)).toEqual({ heads: "kept", windows: [], mutes_sound: true });
  });
});
