/** The limits of a rule in a few words. */
import { lengthOf, limitsOf, type Said } from "@/alerts/rules";
import type { Rule } from "@/api/facts";
import type { Texts } from "@/messages/text";

/** What was said, in the language of the screen. */
function worded({ key, values, length, severity }: Said, t: Texts["t"]): string {
  const told = length === undefined ? null : lengthOf(length);
  return t(key, {
    ...values,
    ...(told === null ? {} : { length: t(told.key, told.values) }),
    ...(severity === undefined ? {} : { severity: t(`severity.${severity}`) }),
  });
}

function lengthWords(seconds: number, t: Texts["t"]): string {
  const told = lengthOf(seconds);
  return t(told.key, told.values);
}

/** What limits() of the alerts does not say: allowances of pauses, the measures of a queue, a limit of nothing. */
function ownLimits(rule: Rule, t: Texts["t"]): readonly string[] {
  if (rule.kind === "overlong_pause") {
    return Object.entries(rule.allowed_pauses).map(([reason, seconds]) => `${t(`pause.${reason as "break"}`)} ${lengthWords(seconds, t)}`);
  }
  if (rule.kind === "long_queue") {
    return [
      ...(rule.people_per_window ? [t("ruleAdmin.perWindow", { n: rule.people_per_window })] : []),
      ...(rule.limit_wait_seconds ? [t("ruleAdmin.expectedWait", { length: lengthWords(rule.limit_wait_seconds, t) })] : []),
    ];
  }
  return rule.kind === "disk" && !rule.limit_seconds ? [t("ruleAdmin.atOnce")] : [];
}

/** The limits of a rule and its ladder, each in words. */
export function limitWords(rule: Rule, t: Texts["t"]): readonly string[] {
  return [...ownLimits(rule, t), ...limitsOf(rule).map((said) => worded(said, t))];
}
