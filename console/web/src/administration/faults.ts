/** What the server refused about a form: at the field it is about, or over the whole. */
import type { Failure } from "@/api/outcome";
import type { Texts } from "@/messages/text";
import { failureText } from "@/shell/failure";

export interface Faults {
  readonly at: Readonly<Partial<Record<string, string>>>;
  readonly whole: string;
}

export const NONE: Faults = { at: {}, whole: "" };

const FORBIDDEN = 403;
const CONFLICT = 409;
const INVALID = 422;

/** The faults of a failed request; `fields` are those that the form has. */
export function faultsOf(failure: Failure, fields: readonly string[], t: Texts["t"]): Faults {
  if (failure.status === "unreachable") return { at: {}, whole: failureText(failure, t) };
  const { status, detail, errors } = failure.problem;
  if (status === CONFLICT && detail.startsWith("name:") && fields.includes("name")) return { at: { name: t("administration.nameTaken") }, whole: "" };
  if (status === CONFLICT && detail.startsWith("user:")) return { at: {}, whole: t("administration.lockOut") };
  if (status === FORBIDDEN) return { at: {}, whole: t("administration.beyond") };
  if (status !== INVALID) return { at: {}, whole: failureText(failure, t) };
  const at: Record<string, string> = {};
  const others: string[] = [];
  for (const { field, message } of errors) {
    // A fault in a list names the place in it: `halls.0`.
    const [first = ""] = field.split(".");
    if (fields.includes(first)) at[first] ??= t("administration.refusedWords", { message });
    else others.push(`${field}: ${message}`);
  }
  const isTold = Object.keys(at).length > 0 || others.length > 0;
  return { at, whole: isTold ? others.join("; ") : failureText(failure, t) };
}
