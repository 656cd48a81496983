/** Parts of the configuration, their members and values, in words. */
import type { Content } from "@/api/facts";
import { lengthOf } from "@/alerts/rules";
import { useBoard } from "@/board/store";
import { type MessageKey, useTexts } from "@/messages/text";
import { zhCN } from "@/messages/zh-CN";

import { type FieldChange, isList, isMembers, isText, placeOf, says } from "./differences";

export interface ConfigurationWords {
  /** `Hall One · Window 3`. */
  readonly part: (part: string) => string;
  /** The way to a member: `Zones · z1 · Window`. */
  readonly field: (path: readonly string[]) => string;
  readonly value: (change: FieldChange, content: Content) => string;
}

/** Groups of texts by the names that stand in the configuration. */
const KEYS = {
  field: (name: string) => `field.${name}`,
  part: (name: string) => `part.${name}`,
  kind: (name: string) => `kind.${name}`,
  notifierKind: (name: string) => `notifierKind.${name}`,
  severity: (name: string) => `severity.${name}`,
  status: (name: string) => `status.${name}`,
  step: (name: string) => `step.${name}`,
  pause: (name: string) => `pause.${name}`,
  userRole: (name: string) => `userRole.${name}`,
  zoneRole: (name: string) => `zoneRole.${name}`,
  weekday: (name: string) => `weekday.${name}`,
  limitKind: (name: string) => `limitKind.${name}`,
  hallLevel: (name: string) => `hallLevel.${name}`,
  mailSecurity: (name: string) => `mailSecurity.${name}`,
  signalShows: (name: string) => `signalShows.${name}`,
} as const;
type Group = keyof typeof KEYS;

/** Members whose values have words of their own, and the groups in which these are. */
const GROUPS: Readonly<Partial<Record<string, readonly Group[]>>> = {
  severity: ["severity"], severities: ["severity"], statuses: ["status"], kind: ["kind", "notifierKind"], kinds: ["kind"], steps: ["step"],
  days: ["weekday"], security: ["mailSecurity"], shows: ["signalShows"], limit: ["limitKind"], level: ["hallLevel"],
  role: ["userRole", "zoneRole"], totp_for: ["userRole"],
};
/** Members of which some are named by what they are about: a pause, a step, a severity. */
const LABELS: readonly Group[] = ["field", "pause", "step", "severity"];

/** The text of one of these groups that has the name; null where none has. */
function known(groups: readonly Group[], name: string): MessageKey | null {
  const group = groups.find((one) => Object.hasOwn(zhCN[one], name));
  return group === undefined ? null : (KEYS[group](name) as MessageKey);
}

export function useConfigurationWords(): ConfigurationWords {
  const { t, name: called } = useTexts();
  const board = useBoard();

  function nameOf(hall: string, collection: string, id: string): string {
    const place = board.halls.find((one) => one.id === hall);
    if (place === undefined) return id;
    if (collection === "windows") {
      const window = place.windows.find((one) => one.id === id);
      return window === undefined ? id : `${window.number} ${called(window.name)}`;
    }
    const lists = { units: place.units, staff: place.staff, cameras: place.cameras };
    const found = collection in lists ? lists[collection as keyof typeof lists].find((one) => one.id === id) : undefined;
    return found === undefined ? id : called(found.name);
  }

  function part(name: string): string {
    const { hall, collection, id } = placeOf(name);
    const key = known(["part"], collection);
    const what = key === null ? collection : t(key);
    const whole = id === "" ? what : t("versions.partOf", { what, name: nameOf(hall, collection, id) });
    const owner = hall === "" ? t("versions.site") : called(board.halls.find((one) => one.id === hall)?.name) || hall;
    return board.halls.length > 1 || hall === "" ? `${owner} · ${whole}` : whole;
  }

  function label(name: string): string {
    const key = known(LABELS, name);
    return key === null ? name : t(key);
  }

  function field(path: readonly string[]): string {
    return path.map(label).join(" · ");
  }

  function length(seconds: number): string {
    const told = lengthOf(seconds);
    return t(told.key, told.values);
  }

  function value({ path }: Pick<FieldChange, "path">, content: Content): string {
    return worded(path, content);
  }

  function worded(path: readonly string[], content: Content): string {
    if (!says(content)) return t("unit.dash");
    if (typeof content === "boolean") return content ? t("versions.yes") : t("versions.no");
    if (typeof content === "number") return isLength(path) ? length(content) : String(content);
    if (typeof content === "string") return word(path, content);
    if (isText(content)) return content.zh === content.en ? content.zh : `${content.zh} / ${content.en}`;
    if (isList(content)) {
      if (path.at(-1) === "polygon") return t("versions.points", { n: content.length });
      return content.map((one) => worded(path, one)).join(t("unit.comma"));
    }
    return isMembers(content) ? members(content) : "";
  }

  function word(path: readonly string[], text: string): string {
    const key = known(GROUPS[path.at(-1) ?? ""] ?? [], text);
    return key === null ? text : t(key);
  }

  function members(content: Readonly<Record<string, Content>>): string {
    if (typeof content.open === "string" && typeof content.close === "string") return `${clock(content.open)}–${clock(content.close)}`;
    if (typeof content.severity === "string") {
      const severity = word(["severity"], content.severity);
      if (typeof content.after_seconds === "number") return t("rule.raisedAfter", { severity, length: length(content.after_seconds) });
      if (typeof content.people === "number") return t("rule.raisedFrom", { severity, n: content.people });
    }
    return Object.entries(content)
      .filter(([, one]) => says(one))
      .map(([name, one]) => t("versions.member", { name: label(name), value: worded([name], one) }))
      .join(t("unit.comma"));
  }

  return { part, field, value };
}

/** Whether a number is a length in seconds: its name says so, or that of the table in which it stands. */
function isLength(path: readonly string[]): boolean {
  return (path.at(-1) ?? "").endsWith("_seconds") || path.includes("allowed_pauses") || path.includes("steps") || path.includes("items");
}

/** `09:00:00` as `09:00`. */
function clock(time: string): string {
  return time.replace(/^(\d\d:\d\d):00$/, "$1");
}
