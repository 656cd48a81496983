import { describe, expect, it } from "vitest";

import type { Alert, CameraView } from "@/api/facts";

import { camerasOf, pointsOf, type Zone, zonesOf } from "./views";

function camera(id: string, zones: readonly Zone[], windows: readonly string[] = ["w1"]): CameraView {
  return { id, hall: "h", name: { zh: id, en: id }, live: true, record: true, sample_every: 1, windows: [...windows], zones: [...zones] };
}

const zone = (role: Zone["role"], window: string | null = "w1"): Zone => ({ id: `${role}-${window ?? ""}`, role, window, polygon: [[0, 0], [0.5, 0], [0.5, 1]] });
const alert = (changed: Partial<Alert>, window: string | null = "w1", about: string | null = null): Alert =>
  ({ kind: "absence", cameras: [], subject: { hall: "h", window, camera: about }, ...changed }) as unknown as Alert;

const CUSTOMER = camera("customer", [zone("customer")]);
const STAFF = camera("staff", [zone("staff"), zone("customer")]);
const ELSEWHERE = camera("elsewhere", [zone("staff", "w2")], ["w2"]);
const QUEUE = camera("queue", [zone("waiting", null)], []);
const ALL = [CUSTOMER, ELSEWHERE, STAFF, QUEUE];
const order = (found: Alert): string => camerasOf(found, ALL).map(({ id }) => id).join(" ");

describe("the cameras of an alert", () => {
  it("begin with the one that looks where the alert is", () => {
    expect(order(alert({ kind: "absence" }))).toBe("staff customer");
    expect(order(alert({ kind: "unattended_customer" }))).toBe("customer staff");
  });

  it("begin with those that found it, whatever else shows the window", () => {
    expect(order(alert({ cameras: ["customer"] }))).toBe("customer staff");
  });

  it("are the one it is about, and none that has nothing to do with it", () => {
    expect(order(alert({ kind: "camera_fault" }, null, "elsewhere"))).toBe("elsewhere");
    expect(order(alert({ kind: "disk" }, null))).toBe("");
  });

  it("look at those who wait where that is what it is about", () => {
    expect(order(alert({ kind: "long_queue" }, null))).toBe("queue");
  });
});

describe("the zones that are drawn", () => {
  it("are those of the window", () => {
    expect(zonesOf(alert({}), STAFF).map(({ id }) => id)).toEqual(["staff-w1", "customer-w1"]);
    expect(zonesOf(alert({}), ELSEWHERE)).toEqual([]);
    expect(zonesOf(alert({ kind: "crowding" }, null), QUEUE)).toHaveLength(1);
  });

  it("are points of a picture of a thousand", () => {
    expect(pointsOf(zone("staff"))).toBe("0,0 500,0 500,1000");
  });
});
