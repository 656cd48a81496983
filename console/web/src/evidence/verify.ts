/**
 * Checks an evidence package in the browser, by the same rules as `hallwatch verify`: the signature over the manifest, and every
 * block of every file that it lists. Nothing is sent anywhere.
 */
import { Archive, ArchiveError } from "./archive";

export type FaultKind = "missing" | "added" | "changed" | "signature" | "key" | "source";

/** What does not stand as it was signed; `from` and `to` bound the first bytes that do not fit. */
export interface Finding {
  readonly kind: FaultKind;
  readonly path: string;
  readonly from?: number;
  readonly to?: number;
}

export interface Manifest {
  readonly id: string;
  readonly case: string;
  readonly reason: string;
  readonly made_by: string;
  readonly made_at: string;
  readonly key: string;
  readonly block: number;
  readonly files: readonly { readonly path: string; readonly size: number; readonly blocks: readonly string[] }[];
  /** What of it is not as it was recorded; missing in packages of before. */
  readonly redaction?: Redaction | null;
  readonly clips: readonly { readonly path: string; readonly sources: readonly { readonly is_whole: boolean }[] }[];
}

export interface Redaction {
  readonly heads: "kept" | "by_standers" | "all";
  readonly windows: readonly string[];
  readonly mutes_sound: boolean;
}

export interface Verified {
  readonly manifest: Manifest;
  /** The fingerprint of the key that signed. */
  readonly key: string;
  readonly findings: readonly Finding[];
  /** Whether a time stamp lies in it. Browsers cannot check whose it is. */
  readonly hasTimeStamp: boolean;
}

export class NoPackage extends Error {}

const MANIFEST = "manifest.json";
const SIGNATURE = "manifest.sig";
const PUBLIC_KEY = "public-key.pem";
const TIME_STAMP = "manifest.tsr";
const LARGEST_MANIFEST = 64 * 1024 * 1024;
/** Bytes before the key itself in an Ed25519 SubjectPublicKeyInfo (RFC 8410). */
const KEY_OFFSET = 12;

const hex = (content: ArrayBuffer): string => Array.from(new Uint8Array(content), (byte) => byte.toString(16).padStart(2, "0")).join("");

const sha256 = async (content: ArrayBuffer): Promise<string> => hex(await crypto.subtle.digest("SHA-256", content));

async function small(archive: Archive, name: string): Promise<ArrayBuffer> {
  const size = archive.size(name);
  if (size === null || size > LARGEST_MANIFEST) throw new NoPackage(name);
  return archive.read(name, 0, size);
}

function keyOf(pem: ArrayBuffer): ArrayBuffer {
  const lines = new TextDecoder().decode(pem).split("\n").filter((line) => line !== "" && !line.startsWith("-"));
  try {
    return Uint8Array.from(atob(lines.join("")), (sign) => sign.charCodeAt(0)).buffer;
  } catch {
    throw new NoPackage(PUBLIC_KEY);
  }
}

function manifestOf(raw: ArrayBuffer): Manifest {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(raw));
  } catch {
    throw new NoPackage(MANIFEST);
  }
  if (typeof content !== "object" || content === null) throw new NoPackage(MANIFEST);
  // What is redacted says so by its version: nobody takes it for the original who knows of no redaction.
  const version = "redaction" in content && content.redaction !== null ? 2 : 1;
  const isOurs = "format" in content && content.format === "hallwatch-evidence" && "version" in content && content.version === version;
  if (!isOurs) throw new NoPackage(MANIFEST);
  return content as Manifest;
}

async function isSigned(raw: ArrayBuffer, signature: ArrayBuffer, spki: ArrayBuffer): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey("spki", spki, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, raw);
  } catch {
    return false;
  }
}

/** The first thing that is wrong with a file, or null. `advance` is told of bytes as they are read. */
async function checked(
  archive: Archive,
  file: Manifest["files"][number],
  block: number,
  advance: (bytes: number) => void,
): Promise<Finding | null> {
  const size = archive.size(file.path);
  if (size === null) return { kind: "missing", path: file.path };
  let place = 0;
  for (const expected of file.blocks) {
    const length = Math.min(block, file.size - place);
    const piece = await archive.read(file.path, place, length);
    advance(piece.byteLength);
    if (piece.byteLength < length) return { kind: "changed", path: file.path, from: place + piece.byteLength, to: file.size };
    if ((await sha256(piece)) !== expected) return { kind: "changed", path: file.path, from: place, to: place + length };
    place += length;
  }
  if (place !== file.size || size > file.size) return { kind: "changed", path: file.path, from: file.size, to: size };
  return null;
}

/** Check a package; `progress` is told which share of it was read. Throws NoPackage for what is none. */
export async function verify(blob: Blob, progress: (share: number) => void = () => undefined): Promise<Verified> {
  try {
    const archive = await Archive.open(blob);
    const raw = await small(archive, MANIFEST);
    const manifest = manifestOf(raw);
    const spki = keyOf(await small(archive, PUBLIC_KEY));
    const key = await sha256(spki.slice(KEY_OFFSET));
    const findings: Finding[] = [];
    if (key !== manifest.key) findings.push({ kind: "key", path: PUBLIC_KEY });
    if (!(await isSigned(raw, await small(archive, SIGNATURE), spki))) findings.push({ kind: "signature", path: MANIFEST });
    const total = Math.max(1, manifest.files.reduce((sum, file) => sum + file.size, 0));
    let read = 0;
    for (const file of manifest.files) {
      const finding = await checked(archive, file, manifest.block, (bytes) => {
        read += bytes;
        progress(read / total);
      });
      if (finding) findings.push(finding);
    }
    const listed = new Set([...manifest.files.map((file) => file.path), MANIFEST, SIGNATURE, PUBLIC_KEY, TIME_STAMP]);
    findings.push(...archive.names.filter((name) => !listed.has(name)).map((path): Finding => ({ kind: "added", path })));
    const changed = manifest.clips.filter((clip) => clip.sources.some((source) => !source.is_whole));
    findings.push(...changed.map(({ path }): Finding => ({ kind: "source", path })));
    return { manifest, key, findings, hasTimeStamp: archive.size(TIME_STAMP) !== null };
  } catch (error) {
    if (error instanceof ArchiveError || error instanceof TypeError) throw new NoPackage(error.message);
    throw error;
  }
}
