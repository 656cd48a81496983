/** What differs between two contents of a part, member by member. Pure. */
import type { Content } from "@/api/facts";

/** One member that differs; null where it says nothing. `path` leads to it by names, and by ids within lists. */
export interface FieldChange {
  readonly path: readonly string[];
  readonly before: Content;
  readonly after: Content;
}

type Members = Readonly<Record<string, Content>>;

/** Members that say nothing to a person, or that the heading says already. */
const SILENT = new Set(["id", "version"]);

/** Every member that differs, in the order of the later content; of what is new or gone, every one that says something. */
export function fieldChanges(before: Content, after: Content): readonly FieldChange[] {
  return [...within([], before, after)];
}

function* within(path: readonly string[], before: Content, after: Content): Generator<FieldChange> {
  const old = branches(before);
  const now = branches(after);
  if ((old === null && now === null) || (old === null && says(before)) || (now === null && says(after))) {
    if (!isSame(before, after)) yield { path, before, after };
    return;
  }
  for (const name of new Set([...Object.keys(now ?? {}), ...Object.keys(old ?? {})])) {
    if (path.length === 0 && SILENT.has(name)) continue;
    yield* within([...path, name], old?.[name] ?? null, now?.[name] ?? null);
  }
}

/** The members of an object, or the objects of a list by their ids; null for what is told as one. */
function branches(content: Content): Members | null {
  if (isList(content)) {
    const found = content.map((one) => (isMembers(one) && typeof one.id === "string" ? ([one.id, one] as const) : null));
    return found.length > 0 && found.every((one) => one !== null) ? Object.fromEntries(found) : null;
  }
  return isMembers(content) && !isText(content) ? content : null;
}

/** False for null, and for lists and objects without anything in them. */
export function says(content: Content): boolean {
  if (content === null || content === "") return false;
  return typeof content !== "object" || Object.keys(content).length > 0;
}

export function isList(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}

export function isMembers(content: Content): content is Members {
  return typeof content === "object" && content !== null && !Array.isArray(content);
}

/** A name in both languages. */
export function isText(content: Content): content is Members & { readonly zh: string; readonly en: string } {
  return isMembers(content) && Object.keys(content).length === 2 && typeof content.zh === "string" && typeof content.en === "string";
}

function isSame(one: Content, other: Content): boolean {
  return (!says(one) && !says(other)) || JSON.stringify(one) === JSON.stringify(other);
}

/** Where a part lies: in a hall, or in none for the site's; `id` is empty for a whole. */
export interface Place {
  readonly hall: string;
  readonly collection: string;
  readonly id: string;
}

/** The place that a part's name names: `halls/h1/windows/w1`, `site/keep`. */
export function placeOf(part: string): Place {
  const [owner = "", ...rest] = part.split("/");
  const hall = owner === "halls" ? (rest.shift() ?? "") : "";
  const [collection = "", ...id] = rest;
  return { hall, collection, id: id.join("/") };
}
