import { describe, expect, it } from "vitest";

import type { MessageKey, Values } from "@/messages/text";

import { identityFaults, numberFaults, staffForm, unitOwed, windowForm } from "./forms";

const t = (key: MessageKey, values: Values = {}): string => [key, ...Object.values(values)].join(" ");
const WINDOW = { id: "w1", number: "1", name: { zh: "社保", en: "Social security" }, unit: "u1" };
const PERSON = { id: "1001", name: { zh: "李明", en: "Li Ming" }, unit: "u1" };

describe("the form of a window or a person", () => {
  it("means what it was made of, and no spaces around it", () => {
    expect(windowForm.itemOf(windowForm.formOf(WINDOW))).toEqual(WINDOW);
    expect(staffForm.itemOf(staffForm.formOf(PERSON))).toEqual(PERSON);
    expect(windowForm.itemOf({ ...windowForm.formOf(WINDOW), number: " 1 ", zh: " 社保 " })).toEqual(WINDOW);
  });

  it("tells what is missing at its field before the server is asked", () => {
    expect(identityFaults(windowForm.empty(), [], t)).toEqual({
      "name.zh": "configuration.fault.missing", "name.en": "configuration.fault.missing", id: "configuration.fault.missing",
    });
    expect(unitOwed("", t)).toEqual({ unit: "places.chooseUnit" });
    expect(unitOwed("u1", t)).toEqual({});
  });

  it("takes an id that is free and plain alone", () => {
    const form = { ...windowForm.formOf(WINDOW), id: "W1" };
    expect(identityFaults(form, [], t)).toEqual({ id: "configuration.fault.id" });
    expect(identityFaults({ ...form, id: "w1" }, ["w1"], t)).toEqual({ id: "configuration.fault.twice w1" });
    expect(identityFaults({ ...form, id: "w1" }, [], t)).toEqual({});
  });
});

describe("the number on a sign", () => {
  it("is that of one window", () => {
    expect(numberFaults(" 1", [WINDOW], t)).toEqual({ number: "places.numberTaken 1 w1" });
    expect(numberFaults("2", [WINDOW], t)).toEqual({});
    expect(numberFaults(" ", [WINDOW], t)).toEqual({ number: "configuration.fault.missing" });
  });
});
