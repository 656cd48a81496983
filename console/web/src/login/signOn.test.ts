import { describe, expect, it } from "vitest";

import { en } from "@/messages/en";

import { faultText } from "./signOn";

describe("a log-in by single sign-on that came to nothing", () => {
  const t = (key: string): string => key;

  it("has words for each way", () => {
    const said = ["unreachable", "cancelled", "invalid", "no_role", "name_taken", "disabled"].map((one) => faultText(one, t));
    expect(new Set(said).size).toBe(6);
    expect(said.every((key) => Object.hasOwn(en.signOn, key.replace("signOn.", "")))).toBe(true);
  });

  it("says nothing when nothing failed, and is not fooled by what somebody wrote into the address", () => {
    expect(faultText(undefined, t)).toBe("");
    expect(faultText(["disabled"], t)).toBe("");
    expect(faultText("constructor", t)).toBe("signOn.invalid");
  });
});
