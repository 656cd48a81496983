/** What is sought, as it stands in the address: it can be kept, sent, and gone back to. */
import type { LocationQuery } from "vue-router";

import type { SearchQuery } from "@/api/records";
import type { ResultKind, Suggestion } from "@/api/facts";

/** The members of a search that stand in the address. */
export const MEMBERS = ["q", "kind", "window", "unit", "staff", "item", "alert", "from", "to"] as const;
export type Member = (typeof MEMBERS)[number];
export type Sought = Readonly<Partial<Record<Member, string>>>;

export const KINDS: readonly ResultKind[] = ["transaction", "ticket", "case", "alert"];

const FILTER_OF = { window: "window", unit: "unit", staff: "staff", item: "item", alert_kind: "alert" } as const;

/** What an address asks for. */
export function soughtIn(query: LocationQuery): Sought {
  const found = MEMBERS.map((member) => [member, query[member]] as const);
  return Object.fromEntries(found.filter(([, value]) => typeof value === "string" && value !== ""));
}

/** What the server is asked; empty members are left out. */
export function asked(sought: Sought, hall: string, cursor?: string): SearchQuery {
  return { ...sought, hall, ...(cursor === undefined ? {} : { cursor }) };
}

/** Without some members, or with others in their place; what is empty is left out. */
export function changed(sought: Sought, members: Partial<Record<Member, string | null>>): Sought {
  const whole = Object.entries({ ...sought, ...members });
  return Object.fromEntries(whole.filter((entry): entry is [Member, string] => typeof entry[1] === "string" && entry[1] !== ""));
}

/** The text without its last word, where that is the one to which suggestions belong. */
export function withoutWord(text: string, word: string): string {
  const place = text.toLowerCase().lastIndexOf(word.toLowerCase());
  if (word === "" || place < 0) return text.trim();
  return `${text.slice(0, place)}${text.slice(place + word.length)}`.replace(/\s+/g, " ").trim();
}

/** What is sought once a suggestion is taken: names become filters, numbers stand whole in the text. */
export function taken(sought: Sought, text: string, word: string, suggestion: Suggestion): Sought {
  const rest = withoutWord(text, word);
  const { kind, value } = suggestion;
  if (kind === "ticket" || kind === "serial") return changed(sought, { q: `${rest} ${value}`.trim() });
  const filter = kind in FILTER_OF ? FILTER_OF[kind as keyof typeof FILTER_OF] : null;
  return filter === null ? changed(sought, { q: text.trim() }) : changed(sought, { q: rest, [filter]: value });
}
