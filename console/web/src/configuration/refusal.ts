/** Why a change of the configuration was not made: faults by their field, or somebody who was faster. */
import type { Failure } from "@/api/outcome";

/** Somebody changed the same part meanwhile: nothing of theirs was overwritten. */
export interface Conflict {
  /** Who, and when in ms since 1970; empty and null when the server does not say. */
  readonly who: string;
  readonly at: number | null;
}

export interface Refusal {
  readonly failure: Failure;
  readonly conflict: Conflict | null;
  /** What is wrong, by the field within the part (`name.zh`), or by where it stands elsewhere (`windows.w3.unit`). */
  readonly fields: Readonly<Partial<Record<string, string>>>;
}

const CHANGED_MEANWHILE = 412;

export function refused(failure: Failure): Refusal {
  if (failure.status !== "problem") return { failure, conflict: null, fields: {} };
  const { status, errors, changed_by: who = "", changed_at: at } = failure.problem;
  const conflict = status === CHANGED_MEANWHILE ? { who, at: at === undefined ? null : Date.parse(at) } : null;
  const fields: Record<string, string> = {};
  for (const { field, message } of errors) fields[field] = fields[field] ? `${fields[field]}; ${message}` : message;
  return { failure, conflict, fields };
}

/** The faults that no field of the form shows: those that belong over the whole. */
export function elsewhere(refusal: Refusal, shown: readonly string[]): readonly (readonly [string, string])[] {
  return Object.entries(refusal.fields).flatMap(([field, message]) => (shown.includes(field) || !message ? [] : [[field, message] as const]));
}
