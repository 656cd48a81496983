import { describe, expect, it } from "vitest";

import { turns } from "./turns";

describe("turns", () => {
  it("let so many in at once, and the others in the order in which they came", async () => {
    const take = turns(2);
    const came: string[] = [];
    const ends = new Map<string, () => void>();
    for (const name of ["a", "b", "c", "d"]) {
      void take().then((end) => {
        came.push(name);
        ends.set(name, end);
      });
    }
    const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
    await settle();
    expect(came).toEqual(["a", "b"]);
    ends.get("b")?.();
    ends.get("b")?.();
    await settle();
    expect(came).toEqual(["a", "b", "c"]);
    ends.get("a")?.();
    ends.get("c")?.();
    await settle();
    expect(came).toEqual(["a", "b", "c", "d"]);
  });
});
