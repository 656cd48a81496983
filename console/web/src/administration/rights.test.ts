import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { PERMISSIONS, ROLES } from "./rights";

interface Named { readonly components: { readonly schemas: Readonly<Record<string, { readonly enum?: readonly string[] }>> } }

const told = JSON.parse(readFileSync(join(process.cwd(), "openapi.json"), "utf8")) as Named;

describe("what can be given", () => {
  it("is every permission and every role that the server knows", () => {
    expect([...PERMISSIONS].sort()).toEqual([...(told.components.schemas.Permission?.enum ?? [])].sort());
    expect([...ROLES].sort()).toEqual([...(told.components.schemas.Role?.enum ?? [])].sort());
  });
});
