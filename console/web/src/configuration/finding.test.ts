import { describe, expect, it } from "vitest";

import { after, byNumber, type Entry, fitting } from "./finding";

const ENTRIES: readonly Entry[] = [
  { id: "w1", lead: "1", label: "Social security", note: "North office", words: "社保" },
  { id: "w2", lead: "2", label: "Taxes", note: "South office", words: "税务" },
  { id: "w12", lead: "12", label: "Social help", note: "South office", words: "救助" },
];
const ids = (sought: string): string[] => fitting(ENTRIES, sought).map(({ id }) => id);

describe("what is sought in a list", () => {
  it("is found by words in any order, of any part, in either language", () => {
    expect(ids("SOCIAL")).toEqual(["w1", "w12"]);
    expect(ids("office social")).toEqual(["w1", "w12"]);
    expect(ids("south social")).toEqual(["w12"]);
    expect(ids("税务")).toEqual(["w2"]);
    expect(ids("nobody")).toEqual([]);
  });

  it("is everything when nothing is typed", () => {
    expect(ids("  ")).toEqual(["w1", "w2", "w12"]);
  });
});

describe("the keys of a list", () => {
  it("go on and back, and stop at the ends", () => {
    expect(after("ArrowDown", ENTRIES, "w1")).toBe("w2");
    expect(after("ArrowDown", ENTRIES, "w12")).toBe("w12");
    expect(after("ArrowUp", ENTRIES, "w1")).toBe("w1");
    expect(after("End", ENTRIES, null)).toBe("w12");
  });

  it("begin at the first when none was reached, or it is not shown any more", () => {
    expect(after("ArrowDown", ENTRIES, null)).toBe("w1");
    expect(after("ArrowDown", ENTRIES, "gone")).toBe("w1");
    expect(after("ArrowDown", [], null)).toBeUndefined();
    expect(after("x", ENTRIES, "w1")).toBeUndefined();
  });
});

describe("numbers on signs", () => {
  it("stand in the order of their value", () => {
    expect(["A10", "2", "A2", "10", "1"].sort(byNumber)).toEqual(["1", "2", "10", "A2", "A10"]);
  });
});
