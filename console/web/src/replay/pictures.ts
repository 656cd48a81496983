/**
 * When each picture of a recording begins, as its own boxes say (fragmented MP4, ISO/IEC 14496-12). Pure.
 *
 * A browser under load leaves pictures out and does not say which; a step over one picture must not.
 */

interface Box {
  readonly type: string;
  /** Where its content lies. */
  readonly from: number;
  readonly to: number;
}

interface VideoTrack {
  readonly id: number;
  /** Ticks a second. */
  readonly timescale: number;
  /** Ticks a picture lasts where its fragment does not say. */
  readonly length: number;
}

/** Sound may begin so much before the picture, in seconds, and move it. */
const LARGEST_SHIFT = 0.1;

const HAS_OFFSET = 0x1;
const HAS_DESCRIPTION = 0x2;
const HAS_LENGTH = 0x8;
const HAS_FIRST_FLAGS = 0x4;
const SAMPLE_HAS_LENGTH = 0x100;
const SAMPLE_HAS_SIZE = 0x200;
const SAMPLE_HAS_FLAGS = 0x400;
const SAMPLE_HAS_SHIFT = 0x800;

/**
 * The beginnings of the pictures of a fragment, in seconds after its first one, in the order in which they are shown.
 *
 * `header` is the beginning of the recording (moov), `fragment` any number of moof and mdat. Nothing comes out where
 * there is no video track. Throws RangeError where a box says more than there is.
 */
export function picturesOf(header: Uint8Array, fragment: Uint8Array): readonly number[] {
  const track = videoTrack(viewOf(header));
  if (track === null) return [];
  const data = viewOf(fragment);
  const begins: number[] = [];
  for (const moof of boxes(data, "moof")) {
    for (const traf of boxes(data, "traf", moof)) begins.push(...trackPictures(data, traf, track));
  }
  begins.sort((one, other) => one - other);
  const first = begins[0] ?? 0;
  return begins.map((at) => (at - first) / track.timescale);
}

/** A seek goes so far into a picture, in seconds: exactly at its beginning some players show the one before. */
const INTO_PICTURE = 0.001;
const AS_GOOD_AS_THERE = 0.002;

/**
 * The media time of a picture `by` pictures from the one that a player shows; null when it is not known.
 *
 * `begins` ascend; `now` is the player's time, `presented` the beginning of any picture near it as the player told
 * it. A player may place all pictures a little earlier or later than their fragment does.
 */
export function pictureBeside(begins: readonly number[], now: number, presented: number | null, by: number): number | null {
  const shift = presented === null ? 0 : shiftOf(begins, presented);
  const shown = begins.findLastIndex((at) => at + shift <= now + AS_GOOD_AS_THERE);
  const to = shown < 0 ? undefined : begins[shown + by];
  return to === undefined ? null : to + shift + INTO_PICTURE;
}

function shiftOf(begins: readonly number[], presented: number): number {
  let shift = Infinity;
  for (const at of begins) if (Math.abs(presented - at) < Math.abs(shift)) shift = presented - at;
  return Math.abs(shift) > LARGEST_SHIFT ? 0 : shift;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function* boxes(data: DataView, type: string, within: { from: number; to: number } = { from: 0, to: data.byteLength }): Generator<Box> {
  let at = within.from;
  while (at + 8 <= within.to) {
    const short = data.getUint32(at);
    const isLong = short === 1;
    const size = isLong ? Number(data.getBigUint64(at + 8)) : short || within.to - at;
    const head = isLong ? 16 : 8;
    if (size < head || at + size > within.to) throw new RangeError(`A box at byte ${String(at)} says ${String(size)} bytes.`);
    if (fourCharacters(data, at + 4) === type) yield { type, from: at + head, to: at + size };
    at += size;
  }
}

function fourCharacters(data: DataView, at: number): string {
  return String.fromCharCode(data.getUint8(at), data.getUint8(at + 1), data.getUint8(at + 2), data.getUint8(at + 3));
}

function first(data: DataView, type: string, within: Box): Box | null {
  for (const box of boxes(data, type, within)) return box;
  return null;
}

function videoTrack(data: DataView): VideoTrack | null {
  for (const moov of boxes(data, "moov")) {
    for (const trak of boxes(data, "trak", moov)) {
      const head = first(data, "tkhd", trak);
      const media = first(data, "mdia", trak);
      const handler = media && first(data, "hdlr", media);
      const times = media && first(data, "mdhd", media);
      if (!head || !handler || !times || fourCharacters(data, handler.from + 8) !== "vide") continue;
      const id = data.getUint32(head.from + behindTimes(data, head));
      return { id, timescale: data.getUint32(times.from + behindTimes(data, times)), length: usualLength(data, moov, id) };
    }
  }
  return null;
}

/** What stands behind the two times of a header; the box's version says how long those are. */
function behindTimes(data: DataView, box: Box): number {
  return data.getUint8(box.from) === 1 ? 20 : 12;
}

function usualLength(data: DataView, moov: Box, id: number): number {
  const extends_ = first(data, "mvex", moov);
  for (const one of extends_ ? boxes(data, "trex", extends_) : []) {
    if (data.getUint32(one.from + 4) === id) return data.getUint32(one.from + 12);
  }
  return 0;
}

function trackPictures(data: DataView, traf: Box, track: VideoTrack): number[] {
  const head = first(data, "tfhd", traf);
  const base = first(data, "tfdt", traf);
  if (!head || !base || data.getUint32(head.from + 4) !== track.id) return [];
  const flags = data.getUint32(head.from) & 0xffffff;
  const before = 8 + (flags & HAS_OFFSET ? 8 : 0) + (flags & HAS_DESCRIPTION ? 4 : 0);
  const usual = flags & HAS_LENGTH ? data.getUint32(head.from + before) : track.length;
  let at = data.getUint8(base.from) === 1 ? Number(data.getBigUint64(base.from + 4)) : data.getUint32(base.from + 4);
  const begins: number[] = [];
  for (const run of boxes(data, "trun", traf)) {
    for (const { length, shift } of samples(data, run)) {
      begins.push(at + shift);
      at += length ?? usual;
    }
  }
  return begins;
}

/** How long each sample of a run lasts (null: as usual), and how much later than decoded it is shown; in ticks. */
function* samples(data: DataView, run: Box): Generator<{ length: number | null; shift: number }> {
  const flags = data.getUint32(run.from) & 0xffffff;
  const isSigned = data.getUint8(run.from) === 1;
  const count = data.getUint32(run.from + 4);
  let at = run.from + 8 + (flags & HAS_OFFSET ? 4 : 0) + (flags & HAS_FIRST_FLAGS ? 4 : 0);
  const next = (mask: number): number | null => {
    if (!(flags & mask)) return null;
    at += 4;
    return at - 4;
  };
  for (let index = 0; index < count; index += 1) {
    const length = next(SAMPLE_HAS_LENGTH);
    next(SAMPLE_HAS_SIZE);
    next(SAMPLE_HAS_FLAGS);
    const shift = next(SAMPLE_HAS_SHIFT);
    yield {
      length: length === null ? null : data.getUint32(length),
      shift: shift === null ? 0 : isSigned ? data.getInt32(shift) : data.getUint32(shift),
    };
  }
}
