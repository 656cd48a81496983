/** What to say when a code, or the password beside it, was refused. */
import type { Failure } from "@/api/outcome";
import type { MessageKey } from "@/messages/text";

/** The text for a failed step; `secondFactor.failed` takes the failure's own words as `detail`. */
export function complaintOf(failure: Failure): MessageKey {
  if (failure.status === "unreachable") return "login.unreachable";
  const { status, errors } = failure.problem;
  if (status === 429) return "login.locked";
  if (errors.some(({ field }) => field === "code")) return "secondFactor.codeWrong";
  if (errors.some(({ field }) => field === "password")) return "account.oldWrong";
  return "secondFactor.failed";
}
