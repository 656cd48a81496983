import { describe, expect, it } from "vitest";

import { begin, change, type Drawing, faultsOf, nudged, redo, settle, undo, withMoved, withNewZone, withoutPoint, withoutZone, withPoint, withPointAfter, withRole, withWindow } from "./editing";
import { area, crossesItself, moved, type Polygon, snapped } from "./polygon";

const SQUARE: Polygon = [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.4]];
const BOWTIE: Polygon = [[0.2, 0.2], [0.4, 0.4], [0.4, 0.2], [0.2, 0.4]];
const ONE: Drawing = [{ id: "a", role: "staff", window: "w1", polygon: SQUARE }];
const WINDOWS = ["w1", "w2"];

const polygonOf = (drawing: Drawing, id = "a"): Polygon => drawing.find((zone) => zone.id === id)?.polygon ?? [];

describe("points of a zone", () => {
  it("stay inside the picture and snap to its border", () => {
    expect(snapped([-0.3, 1.7])).toEqual([0, 1]);
    expect(snapped([0.008, 0.5])).toEqual([0, 0.5]);
    expect(snapped([0.03, 0.993])).toEqual([0.03, 1]);
    expect(polygonOf(withPoint(ONE, "a", 2, [3, 0.5]))[2]).toEqual([1, 0.5]);
  });

  it("snap to a corner of a neighbour, so that borders meet", () => {
    const two = withNewZone(ONE, WINDOWS, [[0.6, 0.2], [0.8, 0.2], [0.8, 0.4]]);
    expect(polygonOf(withPoint(two, "w2-staff", 0, [0.405, 0.196]), "w2-staff")[0]).toEqual([0.4, 0.2]);
  });

  it("move by small steps without being held by the border", () => {
    const atBorder = withPoint(ONE, "a", 0, [0, 0.2]);
    expect(polygonOf(nudged(atBorder, "a", 0, 0.005, 0))[0]).toEqual([0.005, 0.2]);
    expect(nudged(atBorder, "a", 0, -0.005, 0)).toBe(atBorder);
  });

  it("are added in the middle of a side, also of the last, and taken away down to three", () => {
    expect(polygonOf(withPointAfter(ONE, "a", 3))[4]).toEqual([0.2, 0.3]);
    const three = withoutPoint(ONE, "a", 0);
    expect(polygonOf(three)).toHaveLength(3);
    expect(withoutPoint(three, "a", 0)).toBe(three);
    expect(withPointAfter(ONE, "a", 9)).toBe(ONE);
  });
});

describe("a whole zone", () => {
  it("moves no further than the picture reaches, and keeps its shape", () => {
    const far = polygonOf(withMoved(ONE, "a", 5, -5));
    expect(far).toEqual([[0.8, 0], [1, 0], [1, 0.2], [0.8, 0.2]]);
    expect(area(far)).toBeCloseTo(area(SQUARE), 6);
    expect(moved(SQUARE, 0, 0)).toEqual(SQUARE);
    expect(withMoved(ONE, "a", 0, 0)).toBe(ONE);
  });

  it("is made for the first window that has no staff zone, with an id of its own", () => {
    const two = withNewZone(ONE, WINDOWS);
    expect(two[1]).toMatchObject({ id: "w2-staff", role: "staff", window: "w2" });
    expect(withNewZone(two, WINDOWS)[2]).toMatchObject({ id: "w1-staff", window: "w1" });
    expect(withNewZone([], [])[0]).toMatchObject({ id: "waiting", role: "waiting", window: null });
    expect(withNewZone(ONE, WINDOWS, [[0, 0], [1, 1]])).toBe(ONE);
  });

  it("of the waiting area has no window, and gets one when it becomes another", () => {
    const waiting = withRole(ONE, "a", "waiting", WINDOWS);
    expect(waiting[0]?.window).toBeNull();
    expect(withRole(waiting, "a", "customer", WINDOWS)[0]?.window).toBe("w1");
    expect(withWindow(ONE, "a", "w1")).toBe(ONE);
  });

  it("has the faults that the server would find", () => {
    expect(faultsOf(ONE, WINDOWS)).toEqual({ a: [] });
    expect(faultsOf([{ id: "b", role: "staff", window: "w9", polygon: BOWTIE }], WINDOWS)).toEqual({ b: ["crosses", "window"] });
    expect(crossesItself([[0, 0], [0.5, 0.5], [1, 1]])).toBe(true);
  });
});

describe("undo", () => {
  it("goes back step by step and forward again", () => {
    let history = begin(ONE);
    history = change(history, withoutPoint(history.now, "a", 0));
    history = change(history, withoutZone(history.now, "a"));
    expect(history.now).toEqual([]);
    history = undo(undo(undo(history)));
    expect(history.now).toBe(ONE);
    history = redo(redo(redo(history)));
    expect(history.now).toEqual([]);
    history = change(undo(history), ONE);
    expect(redo(history)).toBe(history);
  });

  it("takes a drag back as a whole, and two drags one by one", () => {
    let history = begin(ONE);
    for (const x of [0.25, 0.3, 0.35]) history = change(history, withPoint(history.now, "a", 0, [x, 0.2]), "drag a 0");
    history = settle(history);
    history = change(history, withPoint(history.now, "a", 0, [0.1, 0.2]), "drag a 0");
    history = undo(history);
    expect(polygonOf(history.now)[0]).toEqual([0.35, 0.2]);
    expect(undo(history).now).toBe(ONE);
  });

  it("does not remember what changed nothing", () => {
    const history = begin(ONE);
    expect(change(history, withPoint(ONE, "a", 0, [0.2, 0.2]))).toBe(history);
  });
});
