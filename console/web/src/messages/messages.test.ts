import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { en } from "./en";
import { zhCN } from "./zh-CN";

interface Tree { readonly [key: string]: string | Tree }

function leaves(tree: Tree, prefix = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") found.set(prefix + key, value);
    else for (const [path, text] of leaves(value, `${prefix}${key}.`)) found.set(path, text);
  }
  return found;
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").sort();
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "messages" ? [] : sources(path);
    return /\.(vue|ts)$/.test(entry.name) && !entry.name.endsWith(".test.ts") ? [readFileSync(path, "utf8")] : [];
  });
}

const chinese = leaves(zhCN);
const english = leaves(en);

describe("the messages", () => {
  it("have the same keys in both languages", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it("ask for the same values in both languages", () => {
    for (const [key, text] of chinese) {
      expect(placeholders(english.get(key) ?? ""), key).toEqual(placeholders(text));
    }
  });

  it("are never empty", () => {
    for (const [key, text] of [...chinese, ...english]) expect(text.trim(), key).not.toBe("");
  });

  it("are all used by a screen", () => {
    const text = sources(join(process.cwd(), "src")).join("\n");
    // Each written name is gathered once: looking for every key in the whole text takes seconds.
    const written = new Set([...text.matchAll(/["']([\w-]+(?:\.[\w-]+)+)["']/g)].map((found) => found[1]));
    // Keys of states are put together from their group: t(`step.${step}`).
    const groups = new Set([...text.matchAll(/`([\w.-]+)\.\$\{/g)].map((found) => found[1]));
    const unused = [...chinese.keys()].filter((key) => !written.has(key) && !groups.has(key.slice(0, key.lastIndexOf("."))));
    expect(unused).toEqual([]);
  });

  it("hold no Chinese outside their files", () => {
    for (const text of sources(join(process.cwd(), "src"))) {
      const code = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
      expect(code.match(/[\u4e00-\u9fff]+/g)).toBeNull();
    }
  });
});
