/** Reads the files of a ZIP archive that stores them as they are, out of a Blob, a piece at a time. */

/** A file of the archive: its size, and where its local header stands. */
interface Entry {
  readonly size: number;
  readonly header: number;
}

export class ArchiveError extends Error {}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const DIRECTORY = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const LARGEST_DIRECTORY = 64 * 1024 * 1024;
const IN_EXTRA = 0xffffffff;

async function bytes(blob: Blob, start: number, end: number): Promise<DataView> {
  if (start < 0 || end > blob.size || start > end) throw new ArchiveError("cut off");
  return new DataView(await blob.slice(start, end).arrayBuffer());
}

const whole = (view: DataView, at: number): number => {
  const value = view.getBigUint64(at, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new ArchiveError("too large");
  return Number(value);
};

/** Where the directory of the archive stands, and how long it is. */
async function directory(blob: Blob): Promise<[start: number, end: number]> {
  const tailStart = Math.max(0, blob.size - END_SIZE - LONGEST_COMMENT);
  const tail = await bytes(blob, tailStart, blob.size);
  for (let at = tail.byteLength - END_SIZE; at >= 0; at -= 1) {
    if (tail.getUint32(at, true) !== END) continue;
    const size = tail.getUint32(at + 12, true);
    const start = tail.getUint32(at + 16, true);
    if (start !== IN_EXTRA && size !== IN_EXTRA) return [start, start + size];
    if (at < 20 || tail.getUint32(at - 20, true) !== LOCATOR_64) throw new ArchiveError("damaged");
    const place = whole(tail, at - 12);
    const end = await bytes(blob, place, place + 56);
    if (end.getUint32(0, true) !== END_64) throw new ArchiveError("damaged");
    return [whole(end, 48), whole(end, 48) + whole(end, 40)];
  }
  throw new ArchiveError("no archive");
}

/** Size and place of a directory entry; large ones stand in its extra field. */
function entryOf(view: DataView, at: number, extra: number, extraEnd: number): Entry {
  let size = view.getUint32(at + 24, true);
  let header = view.getUint32(at + 42, true);
  for (let place = extra; place + 4 <= extraEnd; place += 4 + view.getUint16(place + 2, true)) {
    if (view.getUint16(place, true) !== 1) continue;
    let value = place + 4;
    if (size === IN_EXTRA) {
      size = whole(view, value);
      value += 8;
    }
    if (view.getUint32(at + 20, true) === IN_EXTRA) value += 8;
    if (header === IN_EXTRA) header = whole(view, value);
  }
  return { size, header };
}

export class Archive {
  readonly #blob: Blob;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(blob: Blob, entries: ReadonlyMap<string, Entry>) {
    this.#blob = blob;
    this.#entries = entries;
  }

  /** Throws ArchiveError for what is no such archive. */
  static async open(blob: Blob): Promise<Archive> {
    const [start, end] = await directory(blob);
    if (end - start > LARGEST_DIRECTORY) throw new ArchiveError("too large");
    const view = await bytes(blob, start, end);
    const entries = new Map<string, Entry>();
    for (let at = 0; at < view.byteLength; ) {
      if (at + 46 > view.byteLength || view.getUint32(at, true) !== DIRECTORY) throw new ArchiveError("damaged");
      const nameEnd = at + 46 + view.getUint16(at + 28, true);
      const extraEnd = nameEnd + view.getUint16(at + 30, true);
      const next = extraEnd + view.getUint16(at + 32, true);
      if (next > view.byteLength) throw new ArchiveError("damaged");
      const name = new TextDecoder().decode(new Uint8Array(view.buffer, at + 46, nameEnd - at - 46));
      const isPlain = view.getUint16(at + 10, true) === 0 && (view.getUint16(at + 8, true) & 1) === 0;
      if (!isPlain || entries.has(name)) throw new ArchiveError("not a package");
      entries.set(name, entryOf(view, at, nameEnd, extraEnd));
      at = next;
    }
    return new Archive(blob, entries);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  size(name: string): number | null {
    return this.#entries.get(name)?.size ?? null;
  }

  /** Bytes of a file from a place on; fewer where it ends before. Throws ArchiveError. */
  async read(name: string, place: number, length: number): Promise<ArrayBuffer> {
    const entry = this.#entries.get(name);
    if (!entry) throw new ArchiveError(name);
    const header = await bytes(this.#blob, entry.header, entry.header + 30);
    if (header.getUint32(0, true) !== LOCAL) throw new ArchiveError(name);
    const start = entry.header + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    const end = start + Math.min(entry.size, place + length);
    return this.#blob.slice(Math.min(start + place, end), end).arrayBuffer();
  }
}
