import { describe, expect, it } from "vitest";

import { faultOf, formOf, itemOf, type Member, shownFaults, withMember } from "./members";

const member = (name: string, widget: Member["widget"], more: Partial<Member> = {}): Member => ({ name, widget, label: "field.id", ...more });
const MEMBERS = [
  member("url", "text"),
  member("recipients", "lines"),
  member("headers", "pairs"),
  member("limit_seconds", "length"),
  member("enabled", "switch"),
  member("scope.units", "choices"),
  member("basis.zh", "text"),
];
const ITEM = {
  id: "a", url: "https://h/", recipients: ["a@h", "b@h"], headers: { Accept: "x:y" }, limit_seconds: 300, enabled: true,
  scope: { units: ["u1"], windows: ["w1"] }, basis: null,
};

describe("a part of the configuration in a form", () => {
  it("comes back as it was when nothing was typed", () => {
    const form = formOf(MEMBERS, ITEM);
    expect(form).toEqual({
      url: "https://h/", recipients: "a@h\nb@h", headers: "Accept: x:y", limit_seconds: "300", enabled: "yes", "scope.units": ["u1"], "basis.zh": "",
    });
    expect(itemOf(MEMBERS, form, ITEM)).toEqual({ ...ITEM, basis: {} });
  });

  it("leaves out what is empty, and keeps what the form does not show", () => {
    const form = { ...formOf(MEMBERS, ITEM), url: " ", recipients: " c@h \n\n", limit_seconds: "", enabled: "", "scope.units": [] };
    expect(itemOf(MEMBERS, form, ITEM)).toEqual({
      id: "a", recipients: ["c@h"], headers: { Accept: "x:y" }, enabled: false, scope: { units: [], windows: ["w1"] }, basis: {},
    });
  });

  it("hands what is no number to the server, which says so", () => {
    expect(itemOf([member("port", "number")], { port: "many" }, {})).toEqual({ port: "many" });
    expect(itemOf([member("port", "number")], { port: "25" }, {})).toEqual({ port: 25 });
  });

  it("keeps the order of its members", () => {
    expect(Object.keys(withMember({ a: 1, b: 2, c: 3 }, "b", 4))).toEqual(["a", "b", "c"]);
  });
});

describe("a fault that the server names", () => {
  const recipients = member("recipients", "lines");
  const ladder = member("raises.serious", "length", { faultsOf: "raises" });

  it("stands at the field of its member, also from within a list", () => {
    const faults = { "recipients[1]": "is no address", "raises[0].after_seconds": "is too early", port: "is unknown" };
    expect(faultOf(recipients, faults)).toBe("is no address");
    expect(faultOf(ladder, faults)).toBe("is too early");
    expect(faultOf(member("recipient", "text"), faults)).toBeUndefined();
    expect(shownFaults([recipients, ladder], faults)).toEqual(["recipients[1]", "raises[0].after_seconds"]);
  });
});
