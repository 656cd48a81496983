import { describe, expect, it } from "vitest";

import type { Failure } from "@/api/outcome";
import type { MessageKey, Values } from "@/messages/text";

import { faultWords } from "./faultWords";
import { elsewhere, refused } from "./refusal";

const t = (key: MessageKey, values: Values = {}): string => [key, ...Object.values(values)].join(" ");

function problem(status: number, members: object = {}): Failure {
  return { status: "problem", problem: { type: "about:blank", title: "No", status, detail: "", errors: [], ...members } };
}

describe("a change that was refused", () => {
  it("tells its faults by their fields, and which of them the form does not show", () => {
    const told = refused(problem(422, { errors: [
      { field: "number", message: "is taken" }, { field: "number", message: "is long" }, { field: "rules.absence.scope", message: "is empty" },
    ] }));
    expect(told.fields).toEqual({ number: "is taken; is long", "rules.absence.scope": "is empty" });
    expect(elsewhere(told, ["number"])).toEqual([["rules.absence.scope", "is empty"]]);
    expect(told.conflict).toBeNull();
  });

  it("tells who was faster, and when", () => {
    const at = "2026-03-02T09:00:00+08:00";
    expect(refused(problem(412, { changed_by: "li", changed_at: at })).conflict).toEqual({ who: "li", at: Date.parse(at) });
    expect(refused(problem(412)).conflict).toEqual({ who: "", at: null });
    expect(refused({ status: "unreachable" }).conflict).toBeNull();
  });
});

describe("the words of the checks", () => {
  it("are those of the screen where they are known, also several at once", () => {
    expect(faultWords("'7' stands here for the second time", t)).toBe("configuration.fault.twice 7");
    expect(faultWords("there is no unit 'u9'", t)).toBe("configuration.fault.unknown u9");
    expect(faultWords("there is no camera 'c9' in this hall", t)).toBe("configuration.fault.unknown c9");
    expect(faultWords("String should have at most 8 characters", t)).toBe("configuration.fault.long 8");
    expect(faultWords("Field required; strange", t)).toBe("configuration.fault.missing configuration.semicolonadministration.refusedWords strange");
  });
});
