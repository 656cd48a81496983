import { describe, expect, it } from "vitest";

import { isWithin, openSections } from "./sections";

const everywhere = (): boolean => true;

describe("the parts of the administration", () => {
  it("are those alone that are permitted", () => {
    const routes = openSections((one) => one === "queue", everywhere).map(({ route }) => route);
    expect(routes).toEqual(["admin-refused"]);
    expect(openSections(() => false, everywhere)).toEqual([]);
  });

  it("are those alone whose screens exist", () => {
    const routes = openSections(everywhere, (route) => route !== "admin-cameras").map(({ route }) => route);
    expect(routes).toEqual(expect.arrayContaining(["admin-users", "admin-keys", "admin-refused", "admin-system"]));
    expect(routes).not.toContain("admin-cameras");
  });

  it("hold the addresses below them, and no others", () => {
    const [cameras] = openSections(everywhere, everywhere);
    if (!cameras) throw new Error("no part");
    expect(isWithin(cameras, "/admin/cameras")).toBe(true);
    expect(isWithin(cameras, "/admin/cameras/c1/zones")).toBe(true);
    expect(isWithin(cameras, "/admin/camerasque")).toBe(false);
  });
});
