import { describe, expect, it } from "vitest";

import { arrangement, beside, emptied, freePane, inSight, isSame, known, placed, placedAll, resized, sizeFor, swapped, wallOf } from "./arrangement";

const four = arrangement(4, ["a", "b", null, "d"]);

describe("putting a camera into a pane", () => {
  it("takes the place of what stood there", () => {
    expect(inSight(placed(four, 1, "x"))).toEqual(["a", "x", null, "d"]);
  });

  it("changes places where the camera is on the wall already, so that none is shown twice", () => {
    expect(inSight(placed(four, 0, "d"))).toEqual(["d", "b", null, "a"]);
    expect(inSight(placed(four, 2, "a"))).toEqual([null, "b", "a", "d"]);
    expect(inSight(placed(four, 1, "b"))).toEqual(["a", "b", null, "d"]);
  });

  it("fetches a camera that waits out of sight", () => {
    const wall = arrangement(1, ["a", "b"]);
    const next = placed(wall, 0, "b");
    expect(inSight(next)).toEqual(["b"]);
    expect(next.cameras[1]).toBe("a");
  });
});

describe("putting a window onto the wall", () => {
  it("shows its first camera in the pane and the others in free ones", () => {
    expect(inSight(placedAll(arrangement(4, ["a", null, "c", null]), 0, ["x", "y", "z"]))).toEqual(["x", "y", "c", "z"]);
  });

  it("leaves a camera that is in sight where it is, and takes nobody's pane away", () => {
    expect(inSight(placedAll(four, 0, ["x", "d", "y", "z"]))).toEqual(["x", "b", "y", "d"]);
  });

  it("changes nothing for a window without cameras", () => {
    expect(placedAll(four, 0, [])).toBe(four);
  });
});

describe("panes", () => {
  it("change places", () => {
    expect(inSight(swapped(four, 0, 2))).toEqual([null, "b", "a", "d"]);
  });

  it("are emptied", () => {
    expect(inSight(emptied(four, 0))).toEqual([null, "b", null, "d"]);
  });

  it("that are free are found from the chosen one on, and from the first again", () => {
    expect(freePane(four, 0)).toBe(2);
    expect(freePane(four, 3)).toBe(2);
    expect(freePane(arrangement(1, ["a"]), 0)).toBeNull();
  });

  it("lie beside each other in a square with edges", () => {
    expect(beside(9, 4, "left")).toBe(3);
    expect(beside(9, 4, "down")).toBe(7);
    expect(beside(9, 2, "right")).toBe(2);
    expect(beside(9, 0, "up")).toBe(0);
    expect(beside(16, 3, "down")).toBe(7);
    expect(beside(1, 0, "right")).toBe(0);
  });
});

describe("a wall of another size", () => {
  it("keeps out of sight what has no pane, and shows it again", () => {
    const small = resized(four, 1, 0);
    expect(inSight(small.wall)).toEqual(["a"]);
    expect(inSight(resized(small.wall, 4, 0).wall)).toEqual(["a", "b", null, "d"]);
  });

  it("keeps the chosen picture in sight", () => {
    const { wall, chosen } = resized(four, 1, 3);
    expect([inSight(wall), chosen]).toEqual([["d"], 0]);
  });

  it("is the smallest with a pane for each camera", () => {
    expect([0, 1, 2, 4, 5, 10, 40].map(sizeFor)).toEqual([1, 1, 4, 4, 9, 16, 16]);
    expect(inSight(wallOf(["a", "b", "a"]))).toEqual(["a", "b", null, null]);
  });
});

describe("a saved wall", () => {
  it("loses the cameras that the hall no longer has", () => {
    expect(inSight(known(four, new Set(["a", "d"])))).toEqual(["a", null, null, "d"]);
  });

  it("is the same as long as what is in sight is the same", () => {
    expect(isSame(arrangement(1, ["a", "b"]), arrangement(1, ["a"]))).toBe(true);
    expect(isSame(arrangement(4, ["a"]), arrangement(1, ["a"]))).toBe(false);
    expect(isSame(four, swapped(four, 0, 1))).toBe(false);
  });
});
