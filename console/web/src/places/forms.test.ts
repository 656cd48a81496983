import { describe, expect, it } from "vitest";

import type { MessageKey, Values } from "@/messages/text";

import { identityFaults, itemForm, limitFaults, numberFaults, staffForm, unitOwed, windowForm } from "./forms";

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

describe("the form of an item", () => {
  const ITEM = { id: "不动产/抵押", name: { zh: "抵押登记", en: "Mortgage" }, promised_days: 3, statutory_days: 10 };

  it("means what it was made of; an empty limit is none", () => {
    expect(itemForm.itemOf(itemForm.formOf(ITEM))).toEqual(ITEM);
    expect(itemForm.itemOf({ ...itemForm.formOf(ITEM), promised: " ", statutory: "5" })).toEqual({ ...ITEM, promised_days: null, statutory_days: 5 });
  });

  it("takes any words as its id, as the queue system has them", () => {
    expect(identityFaults(itemForm.formOf(ITEM), [], t, true)).toEqual({});
    expect(identityFaults(itemForm.formOf(ITEM), [ITEM.id], t, true)).toEqual({ id: "configuration.fault.twice 不动产/抵押" });
  });

  it("promises whole working days, and none beyond the law", () => {
    const form = itemForm.formOf(ITEM);
    expect(limitFaults(form, t)).toEqual({});
    expect(limitFaults({ ...form, statutory: "2" }, t)).toEqual({ promised_days: "places.promiseBeyondLaw 2" });
    expect(limitFaults({ ...form, promised: "soon", statutory: "0" }, t)).toEqual({
      promised_days: "places.daysFault 1000", statutory_days: "places.daysFault 1000",
    });
  });
});

describe("the number on a sign", () => {
  it("is that of one window", () => {
    expect(numberFaults(" 1", [WINDOW], t)).toEqual({ number: "places.numberTaken 1 w1" });
    expect(numberFaults("2", [WINDOW], t)).toEqual({});
    expect(numberFaults(" ", [WINDOW], t)).toEqual({ number: "configuration.fault.missing" });
  });
});
