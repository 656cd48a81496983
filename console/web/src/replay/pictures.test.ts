import { describe, expect, it } from "vitest";

import { pictureBeside, picturesOf } from "./pictures";

type Part = number[] | string;

const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const bytes = (part: Part): number[] => (typeof part === "string" ? Array.from(part, (one) => one.charCodeAt(0)) : part);

function box(type: string, ...parts: Part[]): number[] {
  const content = parts.flatMap(bytes);
  return [...u32(content.length + 8), ...bytes(type), ...content];
}

function track(id: number, handler: string, timescale: number, version = 0): number[] {
  const times = version === 1 ? 16 : 8;
  return box(
    "trak",
    box("tkhd", [version, 0, 0, 7], new Array<number>(times).fill(0), u32(id)),
    box("mdia", box("mdhd", [version, 0, 0, 0], new Array<number>(times).fill(0), u32(timescale)), box("hdlr", u32(0), u32(0), handler)),
  );
}

const SOUND_AND_PICTURE = new Uint8Array([...box("ftyp", "iso6"), ...box("moov", track(1, "soun", 48_000), track(2, "vide", 90_000))]);
const sound = box("traf", box("tfhd", u32(0), u32(1)), box("tfdt", u32(0), u32(0)), box("trun", u32(0x100), u32(2), u32(1024), u32(1024)));

function moof(...runs: number[][]): number[] {
  return box("moof", sound, box("traf", box("tfhd", u32(0x8), u32(2), u32(6000)), ...runs));
}

describe("the pictures of a fragment", () => {
  it("begin where their lengths say", () => {
    const run = box("trun", u32(0x301), u32(3), u32(99), u32(4500), u32(10), u32(9000), u32(11), u32(4500), u32(12));
    expect(picturesOf(SOUND_AND_PICTURE, new Uint8Array(moof(box("tfdt", u32(0), u32(180_000)), run)))).toEqual([0, 0.05, 0.15]);
  });

  it("last as long as their fragment says where they do not say it, over several movie fragments", () => {
    const two = box("trun", u32(0x4), u32(2), u32(0));
    const parts = [...moof(box("tfdt", [1, 0, 0, 0], u32(0), u32(90_000)), two), ...box("mdat", "x"), ...moof(box("tfdt", u32(0), u32(102_000)), two)];
    expect(picturesOf(SOUND_AND_PICTURE, new Uint8Array(parts)).map((at) => Math.round(at * 15))).toEqual([0, 1, 2, 3]);
  });

  it("last as the whole recording says where their fragment does not either", () => {
    const extended = box("mvex", box("trex", u32(0), u32(2), u32(1), u32(3600), u32(0), u32(0)));
    const header = new Uint8Array(box("moov", track(2, "vide", 90_000, 1), extended));
    const traf = box("traf", box("tfhd", u32(0x3), u32(2), u32(0), u32(0), u32(1)), box("tfdt", u32(0), u32(0)), box("trun", u32(0), u32(3)));
    expect(picturesOf(header, new Uint8Array(box("moof", traf)))).toEqual([0, 0.04, 0.08]);
  });

  it("stand in the order in which they are shown", () => {
    const run = box("trun", [1, 0, 8, 0], u32(3), u32(0), u32(6000), u32(-6000));
    expect(picturesOf(SOUND_AND_PICTURE, new Uint8Array(moof(box("tfdt", u32(0), u32(6000)), run))).map((at) => Math.round(at * 15))).toEqual([0, 1, 2]);
  });

  it("are none where there is only sound, and an error where a box is longer than the file", () => {
    const fragment = new Uint8Array(moof(box("tfdt", u32(0), u32(0)), box("trun", u32(0), u32(1))));
    expect(picturesOf(new Uint8Array(box("moov", track(1, "soun", 48_000))), fragment)).toEqual([]);
    expect(() => picturesOf(SOUND_AND_PICTURE, fragment.slice(0, -4))).toThrow(RangeError);
  });
});

describe("a step over one picture", () => {
  const begins = [10, 10.04, 10.1, 10.12, 10.2];

  it("comes to the next one or the one before, however long they are", () => {
    expect(pictureBeside(begins, 10.05, 10.04, 1)).toBeCloseTo(10.101);
    expect(pictureBeside(begins, 10.101, 10.1, 1)).toBeCloseTo(10.121);
    expect(pictureBeside(begins, 10.121, 10.04, -1)).toBeCloseTo(10.101);
  });

  it("is taken as the player places its pictures", () => {
    expect(pictureBeside(begins, 10.065, 10.057, 1)).toBeCloseTo(10.118);
    expect(pictureBeside(begins, 10.065, null, 1)).toBeCloseTo(10.101);
  });

  it("is not known beyond what is loaded", () => {
    expect(pictureBeside(begins, 10.21, 10.2, 1)).toBeNull();
    expect(pictureBeside(begins, 9, null, -1)).toBeNull();
    expect(pictureBeside([], 10, 10, 1)).toBeNull();
  });
});
