import { describe, expect, it } from "vitest";

import { LETTERS, randomPassword } from "./password";

describe("a password made by chance", () => {
  it("has four groups of four letters that nobody mixes up", () => {
    expect(randomPassword((count) => Uint8Array.from({ length: count }, (_, index) => index * 17))).toMatch(/^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/);
    expect(randomPassword((count) => new Uint8Array(count).fill(255))).toBe("9999-9999-9999-9999");
  });

  it("can hold every letter equally", () => {
    expect(new Set(LETTERS).size).toBe(32);
    expect(256 % LETTERS.length).toBe(0);
  });

  it("is another one each time", () => {
    expect(new Set(Array.from({ length: 50 }, () => randomPassword())).size).toBe(50);
  });
});
