/**
 * Parts of the configuration as flat forms: each member has a field, a text or a list of choices, named as the server
 * names it (`calls.serious.url`). Pure.
 */
import type { Content } from "@/api/facts";
import type { MessageKey } from "@/messages/text";

import type { Faults } from "./editor";

/** `lines`: a list, one a line. `pairs`: `name: value`, one a line. `length`: seconds. `switch`: `yes` or empty. */
export type Widget = "text" | "area" | "lines" | "pairs" | "number" | "length" | "choice" | "choices" | "switch";
export type Typed = string | readonly string[];
export type MemberForm = Record<string, Typed>;

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Member {
  /** As the server names it. */
  readonly name: string;
  readonly widget: Widget;
  readonly label: MessageKey;
  readonly hint?: MessageKey;
  readonly choices?: readonly Choice[];
  /** What stands in an empty field: what holds then. */
  readonly placeholder?: string;
  /** Takes half a line. */
  readonly isShort?: boolean;
  /** The member whose faults stand here, where it is not this one. */
  readonly faultsOf?: string;
}

type Members = Readonly<Record<string, Content>>;

const YES = "yes";

function isMembers(content: Content | undefined): content is Members {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

function isList(content: Content | undefined): content is readonly Content[] {
  return Array.isArray(content);
}

/** What stands at a dotted name; undefined where nothing does. */
export function at(content: Content | undefined, name: string): Content | undefined {
  return name.split(".").reduce<Content | undefined>((found, own) => (isMembers(found) ? found[own] : undefined), content);
}

/** The content with a value at a dotted name; without it for undefined. */
export function withMember(content: Members, name: string, value: Content | undefined): Members {
  const [first = "", ...rest] = name.split(".");
  const inner = content[first];
  const made = rest.length === 0 ? value : withMember(isMembers(inner) ? inner : {}, rest.join("."), value);
  const others = Object.entries(content).filter(([own]) => own !== first);
  if (made === undefined) return Object.fromEntries(others);
  // What was there keeps its place.
  return first in content ? Object.fromEntries(Object.entries(content).map(([own, one]) => [own, own === first ? made : one])) : { ...content, [first]: made };
}

function plain(content: Content | undefined): string {
  return typeof content === "string" || typeof content === "number" ? String(content) : "";
}

/** What a field shows of a value. */
export function typedOf(widget: Widget, content: Content | undefined): Typed {
  switch (widget) {
    case "choices":
      return isList(content) ? content.map(plain) : [];
    case "lines":
      return isList(content) ? content.map(plain).join("\n") : "";
    case "pairs":
      return isMembers(content) ? Object.entries(content).map(([name, value]) => `${name}: ${plain(value)}`).join("\n") : "";
    case "switch":
      return content === true ? YES : "";
    case "text":
    case "area":
    case "number":
    case "length":
    case "choice":
      return plain(content);
  }
}

/** What was typed, as the configuration has it; undefined for an empty field, which leaves the member out. */
export function meantBy(widget: Widget, typed: Typed): Content | undefined {
  if (typeof typed !== "string") return [...typed];
  const text = typed.trim();
  switch (widget) {
    case "switch":
      return text === YES;
    case "lines":
      return lines(text);
    case "pairs":
      return Object.fromEntries(lines(text).map((line) => {
        const colon = line.indexOf(":");
        return colon < 0 ? [line, ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
      }));
    case "number":
    case "length":
      // What is no number goes to the server as it is, which says so at its field.
      return text === "" ? undefined : Number.isFinite(Number(text)) ? Number(text) : text;
    case "text":
    case "area":
    case "choice":
    case "choices":
      return text === "" ? undefined : text;
  }
}

function lines(text: string): readonly string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** The form of a part. */
export function formOf(members: readonly Member[], item: Content | undefined): MemberForm {
  return Object.fromEntries(members.map(({ name, widget }) => [name, typedOf(widget, at(item, name))]));
}

/** The part that a form means; of `before` stays what the form does not show. */
export function itemOf(members: readonly Member[], form: MemberForm, before: Members): Members {
  return members.reduce<Members>((item, { name, widget }) => withMember(item, name, meantBy(widget, form[name] ?? "")), before);
}

/** Whether a fault that the server names belongs to a member's field: also one within its list. */
export function isAbout(member: Member, field: string): boolean {
  const own = member.faultsOf ?? member.name;
  return field === own || field.startsWith(`${own}[`) || field.startsWith(`${own}.`);
}

/** What is wrong about a member, in one line. */
export function faultOf(member: Member, faults: Faults): string | undefined {
  const found = Object.entries(faults).filter(([field]) => isAbout(member, field)).map(([, words]) => words);
  return found.length === 0 ? undefined : [...new Set(found)].join(" ");
}

/** The faults that stand at one of the fields. */
export function shownFaults(members: readonly Member[], faults: Faults): readonly string[] {
  return Object.keys(faults).filter((field) => members.some((member) => isAbout(member, field)));
}
