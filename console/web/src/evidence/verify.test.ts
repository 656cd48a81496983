import { describe, expect, it } from "vitest";

import { type Finding, NoPackage, verify } from "./verify";

const BLOCK = 1000;
const encoder = new TextEncoder();

type Content = Uint8Array<ArrayBuffer>;
type Files = Readonly<Record<string, Content>>;
/** The files of a package of one clip. */
type Packed = Readonly<Record<"clips/a.mp4" | "manifest.json" | "manifest.sig" | "public-key.pem", Content>>;

const hex = (content: ArrayBuffer): string => Array.from(new Uint8Array(content), (byte) => byte.toString(16).padStart(2, "0")).join("");
const sha256 = async (content: BufferSource): Promise<string> => hex(await crypto.subtle.digest("SHA-256", content));

function number(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, place) => Math.floor(value / 256 ** place) % 256);
}

/** A ZIP archive that stores its files, as the server packs them. */
function zip(files: Files, method = 0): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const entries: number[] = [];
  let place = 0;
  for (const [name, content] of Object.entries(files)) {
    const size = number(content.length, 4);
    const named = encoder.encode(name);
    const described = [...number(20, 2), 0, 0, ...number(method, 2), 0, 0, 0, 0, 0, 0, 0, 0, ...size, ...size, ...number(named.length, 2), 0, 0];
    const header = Uint8Array.from([0x50, 0x4b, 3, 4, ...described, ...named]);
    entries.push(0x50, 0x4b, 1, 2, 20, 0, ...described, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...number(place, 4), ...named);
    parts.push(header, content);
    place += header.length + content.length;
  }
  const count = number(Object.keys(files).length, 2);
  const end = [0x50, 0x4b, 5, 6, 0, 0, 0, 0, ...count, ...count, ...number(entries.length, 4), ...number(place, 4), 0, 0];
  return new Blob([...parts, Uint8Array.from(entries), Uint8Array.from(end)]);
}

async function blocksOf(content: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const starts = Array.from({ length: Math.ceil(content.length / BLOCK) }, (_, index) => index * BLOCK);
  return Promise.all(starts.map((start) => sha256(content.slice(start, start + BLOCK))));
}

/** The files of a signed package of one clip; `whole` says whether its recording was as it had been recorded. */
async function signed(clip = Uint8Array.from({ length: 2500 }, (_, place) => place % 251), whole = true): Promise<Packed> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const spki = await crypto.subtle.exportKey("spki", pair.publicKey);
  const raw = await crypto.subtle.exportKey("raw", pair.publicKey);
  const manifest = encoder.encode(
    JSON.stringify({
      block: BLOCK, case: "2026-17", clips: [{ path: "clips/a.mp4", sources: [{ is_whole: whole }] }],
      files: [{ blocks: await blocksOf(clip), path: "clips/a.mp4", sha256: await sha256(clip), size: clip.length }],
      format: "hallwatch-evidence", id: "e1", key: await sha256(raw), made_at: "2026-03-02T02:00:00Z", made_by: "wang", reason: "投诉", version: 1,
    }),
  );
  const pem = `-----BEGIN PUBLIC KEY-----\n${btoa(String.fromCharCode(...new Uint8Array(spki)))}\n-----END PUBLIC KEY-----\n`;
  return {
    "clips/a.mp4": clip,
    "manifest.json": manifest,
    "manifest.sig": new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, manifest)),
    "public-key.pem": encoder.encode(pem),
  };
}

async function findings(files: Files): Promise<readonly Finding[]> {
  return (await verify(zip(files))).findings;
}

function changed(content: Uint8Array<ArrayBuffer>, place: number): Uint8Array<ArrayBuffer> {
  const copy = content.slice();
  copy[place] = (copy[place] ?? 0) ^ 1;
  return copy;
}

describe("checking a package in the browser", () => {
  it("finds nothing in one that nobody touched, and tells how far it is", async () => {
    const shares: number[] = [];
    const verified = await verify(zip(await signed()), (share) => shares.push(share));
    expect(verified.findings).toEqual([]);
    expect(verified.key).toBe(verified.manifest.key);
    expect(verified.manifest.reason).toBe("投诉");
    expect(shares).toEqual([0.4, 0.8, 1]);
  });

  it.each([
    [0, 0, 1000],
    [999, 0, 1000],
    [1000, 1000, 2000],
    [2499, 2000, 2500],
  ])("names the block of a changed byte %i", async (place, from, to) => {
    const files = await signed();
    const clip = changed(files["clips/a.mp4"], place);
    expect(await findings({ ...files, "clips/a.mp4": clip })).toEqual([{ kind: "changed", path: "clips/a.mp4", from, to }]);
  });

  it("tells where a shortened file ends, and where a longer one should", async () => {
    const files = await signed();
    const clip = files["clips/a.mp4"];
    expect(await findings({ ...files, "clips/a.mp4": clip.slice(0, 1200) })).toEqual([{ kind: "changed", path: "clips/a.mp4", from: 1200, to: 2500 }]);
    const longer = Uint8Array.from([...clip, 7]);
    expect(await findings({ ...files, "clips/a.mp4": longer })).toEqual([{ kind: "changed", path: "clips/a.mp4", from: 2500, to: 2501 }]);
  });

  it("names missing and added files", async () => {
    const { "clips/a.mp4": clip, ...rest } = await signed();
    expect(await findings({ ...rest, "b.mp4": clip })).toEqual([
      { kind: "missing", path: "clips/a.mp4" },
      { kind: "added", path: "b.mp4" },
    ]);
  });

  it("finds a manifest that was rewritten, and a key that is not the one that signed", async () => {
    const files = await signed();
    const text = new TextDecoder().decode(files["manifest.json"]).replace("wang", "lili");
    expect(await findings({ ...files, "manifest.json": encoder.encode(text) })).toEqual([{ kind: "signature", path: "manifest.json" }]);
    const other = await signed();
    const kinds = (await findings({ ...files, "public-key.pem": other["public-key.pem"] })).map(({ kind }) => kind);
    expect(kinds).toEqual(["key", "signature"]);
  });

  it("tells when a recording had been changed before", async () => {
    expect(await findings(await signed(undefined, false))).toEqual([{ kind: "source", path: "clips/a.mp4" }]);
  });

  it("refuses what is no package", async () => {
    const files = await signed();
    const old = encoder.encode(new TextDecoder().decode(files["manifest.json"]).replace('"version":1', '"version":9'));
    const { "manifest.json": manifest, ...rest } = files;
    expect(manifest).toBeDefined();
    for (const blob of [new Blob([]), new Blob(["no archive"]), zip(rest), zip(files, 8), zip({ ...files, "manifest.json": old })]) {
      await expect(verify(blob)).rejects.toBeInstanceOf(NoPackage);
    }
  });

  it("ends in findings or a refusal wherever the archive is damaged", async () => {
    const raw = new Uint8Array(await zip(await signed()).arrayBuffer());
    const outcomes = new Set<string>();
    for (let place = 0; place < raw.length; place += 37) {
      try {
        outcomes.add((await verify(new Blob([changed(raw, place)]))).findings.length > 0 ? "found" : "harmless");
      } catch (error) {
        expect(error).toBeInstanceOf(NoPackage);
        outcomes.add("refused");
      }
    }
    expect(outcomes).toContain("found");
    expect(outcomes).toContain("refused");
  });
});
