import { describe, expect, it } from "vitest";

import { idFrom, isId } from "./identifier";

describe("an id", () => {
  it("is made of a name, and is free", () => {
    expect(idFrom("Counter 5 (East)", [], "window")).toBe("counter-5-east");
    expect(idFrom("Counter 5", ["counter-5"], "window")).toBe("counter-5-2");
    expect(idFrom("三号窗口", ["camera-1"], "camera")).toBe("camera-2");
    expect(isId(idFrom("x".repeat(200), [], "unit"))).toBe(true);
  });

  it("is short, small and plain", () => {
    for (const right of ["w01", "a_b-c", "7"]) expect(isId(right), right).toBe(true);
    for (const wrong of ["", "W1", "-a", "a b", "窗", "a".repeat(64)]) expect(isId(wrong), wrong).toBe(false);
  });
});
