import { describe, expect, it } from "vitest";

import type { Suggestion } from "@/api/facts";

import { asked, changed, soughtIn, taken, withoutWord } from "./query";

function suggestion(kind: Suggestion["kind"], value: string): Suggestion {
  return { kind, value, label: "", name: null, hall: null };
}

describe("what is sought", () => {
  it("is read from the address, and nothing else is", () => {
    expect(soughtIn({ q: "A012", window: "w1", page: "3", kind: "", from: null, to: ["a"] })).toEqual({ q: "A012", window: "w1" });
  });

  it("is asked of the chosen hall", () => {
    expect(asked({ q: "a" }, "h1")).toEqual({ q: "a", hall: "h1" });
    expect(asked({ q: "a" }, "h1", "next")).toEqual({ q: "a", hall: "h1", cursor: "next" });
  });

  it("loses what is taken out", () => {
    expect(changed({ q: "a", window: "w1" }, { window: null })).toEqual({ q: "a" });
    expect(changed({ q: "a" }, { q: "", staff: "s1" })).toEqual({ staff: "s1" });
  });
});

describe("a suggestion that is taken", () => {
  it("becomes a filter in place of its word when it is a name", () => {
    expect(taken({}, "昨天 王", "王", suggestion("staff", "s1"))).toEqual({ q: "昨天", staff: "s1" });
    expect(taken({ kind: "alert" }, "离岗", "离岗", suggestion("alert_kind", "absence"))).toEqual({ kind: "alert", alert: "absence" });
  });

  it("stands whole in the text when it is a number", () => {
    expect(taken({ window: "w1" }, "yesterday a01", "A01", suggestion("ticket", "A012"))).toEqual({ q: "yesterday A012", window: "w1" });
  });

  it("takes away the last place where its word stands", () => {
    expect(withoutWord("wang min wang", "wang")).toBe("wang min");
    expect(withoutWord("abc", "")).toBe("abc");
  });
});
