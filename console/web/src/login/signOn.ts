/** Why single sign-on came to nothing, in words. */
import type { MessageKey, Texts } from "@/messages/text";

const FAULTS: Readonly<Record<string, MessageKey>> = {
  unreachable: "signOn.unreachable",
  cancelled: "signOn.cancelled",
  invalid: "signOn.invalid",
  no_role: "signOn.noRole",
  name_taken: "signOn.nameTaken",
  disabled: "signOn.disabled",
};

/** The text for what the address of the log-in page says went wrong; empty when it says nothing. */
export function faultText(failed: unknown, t: Texts["t"]): string {
  if (typeof failed !== "string") return "";
  return t(Object.hasOwn(FAULTS, failed) ? (FAULTS[failed] ?? "signOn.invalid") : "signOn.invalid");
}
