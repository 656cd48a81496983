/** Under which version of its rule an alert stands, and what that version says. Pure. */
import type { Alert, Rule, RuleVersion, Severity } from "@/api/facts";
import type { MessageKey, Values } from "@/messages/text";

/** A text of the screens with its values; `length` in seconds and `severity` are still to be put into words. */
export interface Said {
  readonly key: MessageKey;
  readonly values?: Values;
  readonly length?: number;
  readonly severity?: Severity;
}

/** The version that an alert names, the newest one, and whether that is another by now. */
export interface Standing {
  readonly under: RuleVersion | null;
  readonly newer: RuleVersion | null;
  readonly gone: string | null;
}

/** Where an alert stands in the history of its rule, the oldest version first. */
export function standingOf(alert: Pick<Alert, "rule_version">, versions: readonly RuleVersion[]): Standing {
  const newest = versions.at(-1) ?? null;
  return {
    under: versions.filter(({ rule }) => rule.version === alert.rule_version).at(-1) ?? null,
    newer: newest !== null && newest.until === null && newest.rule.version > alert.rule_version ? newest : null,
    gone: newest === null ? null : newest.until,
  };
}

/** The limits of a rule, and from where on what it finds is more serious. */
export function limitsOf(rule: Rule): readonly Said[] {
  const said: Said[] = [];
  if ("limit_people" in rule && rule.limit_people !== null) said.push({ key: "rule.people", values: { n: rule.limit_people } });
  if (rule.kind === "overdue_transaction") said.push({ key: `rule.${rule.limit}` });
  else if ("limit_seconds" in rule && rule.limit_seconds) said.push({ key: "rule.limit", length: rule.limit_seconds });
  for (const step of "raises" in rule ? rule.raises : []) {
    const { severity } = step;
    if (step.people) said.push({ key: "rule.raisedFrom", values: { n: step.people }, severity });
    else if (step.after_seconds) said.push({ key: "rule.raisedAfter", length: step.after_seconds, severity });
  }
  return said;
}

/** A length in the largest unit in which it is whole. */
export function lengthOf(seconds: number): Said {
  for (const [key, size] of [["rule.hours", 3600], ["rule.minutes", 60]] as const) {
    if (seconds % size === 0) return { key, values: { n: seconds / size } };
  }
  return { key: "rule.seconds", values: { n: seconds } };
}
