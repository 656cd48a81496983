/** Why a request failed, in words. */
import type { Failure } from "@/api/outcome";
import type { Texts } from "@/messages/text";

export function failureText(failure: Failure, t: Texts["t"]): string {
  if (failure.status === "unreachable") return t("face.unreachable");
  const { title, detail, errors } = failure.problem;
  const fields = errors.map((error) => `${error.field}: ${error.message}`).join("; ");
  return fields || detail || title;
}
