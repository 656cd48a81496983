import { describe, expect, it } from "vitest";

import { isMended, laidOut, parsed } from "./mended";

describe("a refused event", () => {
  it("is laid out in lines, and counts as mended only when somebody changed it", () => {
    const raw = '{"id":"e1","window":"99"}';
    expect(laidOut(raw)).toBe('{\n  "id": "e1",\n  "window": "99"\n}');
    expect(isMended(raw, laidOut(raw))).toBe(false);
    expect(isMended(raw, laidOut(raw).replace("99", "1"))).toBe(true);
  });

  it("stays as it came when it is no JSON", () => {
    expect(laidOut("{broken")).toBe("{broken");
  });

  it("can be sent as an object alone", () => {
    expect(parsed('{"id": "e1"}')).toEqual({ id: "e1" });
    for (const text of ["", "[]", "null", "3", '"e1"', "{broken"]) expect(parsed(text), text).toBeNull();
  });
});
