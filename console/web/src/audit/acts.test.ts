import { describe, expect, it } from "vitest";

import { wordsOf } from "./acts";

describe("acts", () => {
  it("has words for what people do every day", () => {
    expect(wordsOf("playback")).toBe("act.playback");
  });

  it("shows an act without words as it is called, and is not fooled by names of its own language", () => {
    expect(wordsOf("something_new")).toBeNull();
    expect(wordsOf("toString")).toBeNull();
  });
});
