import { describe, expect, it } from "vitest";

import { carriedOver, isSame } from "./carrying";

const BASE = { number: "1", zh: "社保", units: ["u1"] };

describe("a form that another overtook", () => {
  it("keeps what was typed and follows the other where nothing was", () => {
    const told = carriedOver(BASE, { ...BASE, number: "7" }, { ...BASE, zh: "医保" });
    expect(told).toEqual({ form: { number: "7", zh: "医保", units: ["u1"] }, both: [] });
  });

  it("says where both changed something, and lets the typed word stand", () => {
    const told = carriedOver(BASE, { ...BASE, number: "7", units: [] }, { ...BASE, number: "8", units: ["u2"] });
    expect(told).toEqual({ form: { ...BASE, number: "7", units: [] }, both: ["number", "units"] });
  });

  it("is at odds with nobody who typed the same", () => {
    const now = { ...BASE, number: "7" };
    const told = carriedOver(BASE, { ...BASE, number: "7" }, now);
    expect(told.both).toEqual([]);
    expect(isSame(told.form, now)).toBe(true);
  });
});

describe("two forms", () => {
  it("differ in the order and the content of lists as well", () => {
    expect(isSame(BASE, { ...BASE, units: ["u1"] })).toBe(true);
    expect(isSame(BASE, { ...BASE, units: ["u1", "u2"] })).toBe(false);
  });
});
