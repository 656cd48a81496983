/** What a changed roster answers, for dialogs: what is wrong at which field, or that somebody was first. */
import type { Failure } from "@/api/outcome";
import type { Texts } from "@/messages/text";
import { failureText } from "@/shell/failure";

import type { FormFaults } from "./forms";

const CHANGED_MEANWHILE = 412;
const INVALID = 422;

export interface Refusal {
  readonly at: FormFaults;
  readonly whole: string;
  /** In words, when what was changed is another by now. */
  readonly meanwhile: string | null;
}

/** Why a change of one entry was refused; `places` says which field of the form each member of the entry is. */
export function refusalOf(failure: Failure, places: Readonly<Record<string, string>>, t: Texts["t"]): Refusal {
  if (failure.status === "problem" && failure.problem.status === CHANGED_MEANWHILE) {
    const who = (failure.problem as { readonly changed_by?: string }).changed_by ?? "";
    return { at: {}, whole: "", meanwhile: t("roster.meanwhile", { who: who || t("roster.somebody") }) };
  }
  if (failure.status === "unreachable" || failure.problem.status !== INVALID) return { at: {}, whole: failureText(failure, t), meanwhile: null };
  const at: Record<string, string> = {};
  const others: string[] = [];
  for (const { field, message } of failure.problem.errors) {
    const place = places[field.split(".").at(-1) ?? ""];
    if (place === undefined) others.push(`${field}: ${message}`);
    else at[place] ??= t("administration.refusedWords", { message });
  }
  return { at, whole: others.join("; "), meanwhile: null };
}
