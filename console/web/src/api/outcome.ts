/** What became of a call. */
import type { ProblemDocument } from "./facts";

/** The value, the problem that the server named (RFC 9457), or that it could not be reached. */
export type Outcome<Value> =
  | { readonly status: "ok"; readonly value: Value }
  | { readonly status: "problem"; readonly problem: ProblemDocument }
  | { readonly status: "unreachable" };

export type Failure = Exclude<Outcome<never>, { status: "ok" }>;
