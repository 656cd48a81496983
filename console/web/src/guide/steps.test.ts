import { describe, expect, it } from "vitest";

import type { Guide } from "@/api/facts";

import { nextOf, steps } from "./steps";

function guide(changes: Partial<Guide> = {}): Guide {
  return {
    hall: "h1",
    done: 1,
    cameras: { done: false, cameras: 0, recorded: 0 },
    zones: { done: false, windows_unseen: 2, camera: null },
    places: { done: true, windows: 2, units: 1, staff: 0 },
    queue: { done: false, keys: 0, asked: 0, first_event_at: null },
    rules: { done: false, rules: 3, notifiers: 0, tried: 0 },
    users: { done: false, others: 0 },
    ...changes,
  };
}

describe("the first steps", () => {
  it("begin with adding a camera, and go on with the first that is not done", () => {
    expect(nextOf(steps(guide()))).toBe("cameras");
    const recorded = steps(guide({ cameras: { done: true, cameras: 1, recorded: 1 }, zones: { done: true, windows_unseen: 0, camera: null } }));
    expect(nextOf(recorded)).toBe("queue");
  });

  it("end when all is done", () => {
    const all = steps(guide()).map((step) => ({ ...step, isDone: true }));
    expect(nextOf(all)).toBeNull();
  });

  it("lead to the form for the first camera, and to the list once there are some", () => {
    const [first] = steps(guide());
    const [later] = steps(guide({ cameras: { done: false, cameras: 2, recorded: 0 } }));
    expect([first?.at[0]?.name, later?.at[0]?.name]).toEqual(["admin-camera-new", "admin-cameras"]);
  });

  it("lead to the zones of the camera that has none", () => {
    const [, zones] = steps(guide({ zones: { done: false, windows_unseen: 1, camera: "c7" } }));
    expect(zones?.at[0]).toEqual({ name: "admin-zones", params: { camera: "c7" } });
  });

  it("count queue systems that are asked beside the keys of those that tell", () => {
    const queue = steps(guide({ queue: { done: false, keys: 1, asked: 2, first_event_at: null } })).find(({ key }) => key === "queue");
    expect(queue?.values).toEqual({ keys: 3 });
  });
});
