/** Lays a compressed file beside each file of the build that gains by it: the server only has to choose. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

import type { Plugin } from "vite";

const GAIN = new Set([".js", ".css", ".html", ".svg", ".json"]);
/** Below this a packet is a packet. */
const LEAST_BYTES = 600;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

async function compressed(file: string): Promise<void> {
  const content = await readFile(file);
  if (content.length < LEAST_BYTES) return;
  const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
  await writeFile(`${file}.br`, await brotli(content, quality));
  await writeFile(`${file}.gz`, await deflate(content, { level: constants.Z_BEST_COMPRESSION }));
}

export function precompress(): Plugin {
  let folder = "";
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile() && GAIN.has(extname(entry.name)));
      for (const entry of files) await compressed(join(entry.parentPath, entry.name));
    },
  };
}
