import { describe, expect, it } from "vitest";

import { faultyFields, formOf, isSameForm, keepOf, shortened, storageOf } from "./keeping";

const STORAGE = { keep_free_percent: 5, warn_hours: 72, disks: ["/a"], archive: null };

describe("for how long recordings are kept", () => {
  it("is typed as numbers, and nothing where there is no limit", () => {
    const form = formOf({ picture_days: 30 }, STORAGE);
    expect(form).toEqual({ picture_days: "30", sound_days: "", gigabytes: "", keep_free_percent: "5", warn_hours: "72" });
    expect(keepOf(form)).toEqual({ picture_days: 30, sound_days: null, gigabytes: null });
    expect(isSameForm(form, { ...form, picture_days: " 30 " })).toBe(true);
  });

  it("is sent back with all that no field shows", () => {
    const form = { ...formOf({}, STORAGE), keep_free_percent: "7,5" };
    expect(storageOf(form, STORAGE)).toEqual({ ...STORAGE, keep_free_percent: 7.5 });
  });

  it("is no word, and not nothing where a number has to be", () => {
    expect(faultyFields({ picture_days: "a month", sound_days: "", gigabytes: "1e400", keep_free_percent: "", warn_hours: "x" })).toEqual([
      "picture_days",
      "gigabytes",
      "keep_free_percent",
      "warn_hours",
    ]);
  });

  it("is shortened by a lower limit, and by one where there was none, but not by a higher or none", () => {
    const before = { picture_days: 30, sound_days: null, gigabytes: 100 };
    expect(shortened(before, { picture_days: 29, sound_days: 7, gigabytes: 100 })).toEqual(["picture_days", "sound_days"]);
    expect(shortened(before, { picture_days: 31, sound_days: null, gigabytes: null })).toEqual([]);
  });
});
