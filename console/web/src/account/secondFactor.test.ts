import { describe, expect, it } from "vitest";

import type { Failure } from "@/api/outcome";

import { complaintOf } from "./secondFactor";

/** A problem that names these members of the request. */
function problem(status: number, ...fields: string[]): Failure {
  const errors = fields.map((field) => ({ field, message: "is wrong" }));
  return { status: "problem", problem: { type: "about:blank", title: "", status, detail: "", errors } };
}

describe("a refused step of the second factor", () => {
  it("says whether it was the code or the password", () => {
    expect(complaintOf(problem(422, "code"))).toBe("secondFactor.codeWrong");
    expect(complaintOf(problem(422, "password"))).toBe("account.oldWrong");
  });

  it("tells a lock from a wrong code, and a network from a refusal", () => {
    expect(complaintOf(problem(429))).toBe("login.locked");
    expect(complaintOf({ status: "unreachable" })).toBe("login.unreachable");
    expect(complaintOf(problem(409))).toBe("secondFactor.failed");
  });
});
