import { describe, expect, it } from "vitest";

import { isHalf, itemLimitOf, itemLimitsOf, itemLimitTexts } from "./itemLimits";

const LIMITS = { "passport and permit": { handle: 600, review: 90.5 }, 不动产: { accept: 60 } };

describe("the limits of the steps of single items", () => {
  it("mean what they were made of, whatever the items are called", () => {
    const texts = itemLimitTexts(LIMITS);
    expect(texts).toEqual(["handle 600 passport and permit", "review 90.5 passport and permit", "accept 60 不动产"]);
    expect(itemLimitsOf(texts)).toEqual(LIMITS);
    expect(itemLimitTexts(undefined)).toEqual([]);
  });

  it("leave what is no number to the server, which says so", () => {
    expect(itemLimitsOf(["handle soon permit"])).toEqual({ permit: { handle: "soon" } });
  });

  it("are whole when each has its item and its length, and no step of an item has two", () => {
    expect(itemLimitOf("handle  ")).toEqual({ step: "handle", seconds: "", item: "" });
    expect(isHalf(["handle 60 a", "review 60 a", "handle 60 b"])).toBe(false);
    expect(isHalf(["handle  a"])).toBe(true);
    expect(isHalf(["handle 60 "])).toBe(true);
    expect(isHalf(["handle 60 a", "handle 90 a"])).toBe(true);
    expect(isHalf([])).toBe(false);
  });
});
