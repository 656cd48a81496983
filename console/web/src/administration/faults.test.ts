import { describe, expect, it } from "vitest";

import type { Failure } from "@/api/outcome";
import type { MessageKey, Values } from "@/messages/text";

import { faultsOf } from "./faults";

const t = (key: MessageKey, values: Values = {}): string => [key, ...Object.values(values)].join(" ");

function refused(status: number, detail: string, errors: { field: string; message: string }[] = []): Failure {
  return { status: "problem", problem: { type: "about:blank", title: "No", status, detail, errors } };
}

describe("the faults of a form", () => {
  it("stand at the field that the server named, also inside a list", () => {
    const told = faultsOf(refused(422, "", [{ field: "halls.0", message: "is too long" }]), ["name", "halls"], t);
    expect(told).toEqual({ at: { halls: "administration.refusedWords is too long" }, whole: "" });
  });

  it("stand over the whole when the form has no such field", () => {
    const told = faultsOf(refused(422, "", [{ field: "colour", message: "is unknown" }]), ["name"], t);
    expect(told).toEqual({ at: {}, whole: "colour: is unknown" });
  });

  it("say that a name is taken at the name", () => {
    expect(faultsOf(refused(409, "name: there is a user 'li' already"), ["name"], t).at).toEqual({ name: "administration.nameTaken" });
    expect(faultsOf(refused(409, "user: nobody takes the administration from themselves"), ["name"], t).whole).toBe("administration.lockOut");
  });

  it("say whose rights do not reach that far, and what could not be reached", () => {
    expect(faultsOf(refused(403, "no"), [], t).whole).toBe("administration.beyond");
    expect(faultsOf({ status: "unreachable" }, ["name"], t).whole).toBe("face.unreachable");
  });

  it("never come out empty", () => {
    expect(faultsOf(refused(422, "the body is wrong"), ["name"], t).whole).toBe("the body is wrong");
    expect(faultsOf(refused(500, ""), ["name"], t).whole).toBe("No");
  });
});
