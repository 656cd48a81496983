/** What the checks of the configuration say, in the language of the screen where they say it often. */
import type { MessageKey, Texts } from "@/messages/text";

/** Words of the server, and the text that says the same; a group of the pattern is the value `name`. */
const KNOWN: readonly (readonly [RegExp, MessageKey])[] = [
  [/^'(.*)' stands here for the second time$/u, "configuration.fault.twice"],
  [/^there is no (?:unit|window|camera|item|hall) '(.*?)'(?: in this hall)?$/u, "configuration.fault.unknown"],
  [/^(?:Field required|String should have at least 1 character|Tuple should have at least 1 item.*)$/u, "configuration.fault.missing"],
  [/^String should have at most (\d+) characters$/u, "configuration.fault.long"],
  [/^use lower-case letters/u, "configuration.fault.id"],
  [/^there is no (?:step|rule) '(.*?)' in this hall$/u, "configuration.fault.unknown"],
  [/^(?:Input should be a valid (?:number|integer)|Input should be a finite number)/u, "configuration.fault.number"],
  [/^Input should be (?:greater than or equal to|at least) (\S+)$/u, "configuration.fault.least"],
  [/^Input should be (?:less than or equal to|at most) (\S+)$/u, "configuration.fault.most"],
  [/^Input should be greater than (\S+)$/u, "ruleFault.above"],
  [/^is not below limit_seconds, which is ([^:\s]+):/u, "ruleFault.gap"],
  [/^is above limit_people, which is (\d+)$/u, "ruleFault.calm"],
  [/^is not above the limit, which is (\S+) s$/u, "ruleFault.rung"],
  [/^is not above limit_people, which is (\d+)$/u, "ruleFault.people"],
  [/^is not above that of the step before/u, "ruleFault.order"],
  [/^is not above (?:the rule's own|\w+, that of the step before)/u, "ruleFault.severity"],
  [/^this kind of rule counts nobody/u, "ruleFault.uncounted"],
  [/^needs one of after_seconds and people$/u, "ruleFault.oneMeasure"],
  [/^leaves nothing in this hall/u, "ruleFault.nothing"],
  [/^it would never open/u, "ruleFault.neverOpens"],
  [/^no camera '(.*)' here has a waiting zone$/u, "ruleFault.noZone"],
  [/^nobody is counted: no camera/u, "ruleFault.nobodyCounted"],
];

export function faultWords(message: string, t: Texts["t"]): string {
  return message.split("; ").map((one) => oneFault(one, t)).join(t("configuration.semicolon"));
}

function oneFault(message: string, t: Texts["t"]): string {
  for (const [pattern, key] of KNOWN) {
    const found = pattern.exec(message);
    if (found) return t(key, { name: found[1] ?? "" });
  }
  return t("administration.refusedWords", { message });
}
