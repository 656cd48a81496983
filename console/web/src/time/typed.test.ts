import { describe, expect, it } from "vitest";

import { typedMoment } from "./typed";

const ZONE = "Asia/Shanghai";
const near = Date.parse("2026-03-02T01:03:07Z");
const typed = (text: string): string | null => {
  const at = typedMoment(text, near, ZONE);
  return at === null ? null : new Date(at).toISOString().slice(0, 19);
};

describe("a typed moment", () => {
  it("may be whole", () => {
    expect(typed("2026-03-01 17:06:28")).toBe("2026-03-01T09:06:28");
    expect(typed("2026-03-01T17:06")).toBe("2026-03-01T09:06:00");
  });

  it("may leave out the year, or the day", () => {
    expect(typed("3-1 9:06")).toBe("2026-03-01T01:06:00");
    expect(typed("17:06:28")).toBe("2026-03-02T09:06:28");
  });

  it("may come from a Chinese keyboard", () => {
    expect(typed("2026/03/01　17：06：28")).toBe("2026-03-01T09:06:28");
  });

  it.each(["", "tomorrow", "25:00", "12:60", "2026-02-30 10:00", "2026-13-01 10:00", "17", "1706"])("is none: %s", (text) => {
    expect(typed(text)).toBeNull();
  });

  it("is none where the clocks leave it out", () => {
    expect(typedMoment("2026-03-29 02:30", near, "Europe/Berlin")).toBeNull();
  });
});
