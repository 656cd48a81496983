/** The fields of the form of a rule, by its kind, and what they mean. Pure. */
import type { AlertKind, Content, HallView } from "@/api/facts";
import type { Faults } from "@/configuration/editor";
import { isId } from "@/configuration/identifier";
import { at, type Choice, formOf, itemOf, type Member, type MemberForm, withMember } from "@/configuration/members";
import type { Texts } from "@/messages/text";

import { hoursOf, hoursText } from "./hours";
import { isHalf, itemLimitsOf, itemLimitTexts } from "./itemLimits";
import { ASKED, KINDS, type Limit, type ScopeKey, usualOf } from "./kinds";
import { raisesOf, rungTexts } from "./ladder";

/** A rule as the configuration has it. */
export type ConfiguredRule = { readonly id: string; readonly kind: AlertKind } & Readonly<Record<string, Content>>;

/** What a rule may name of its hall, for each key of a scope. */
export type Named = Readonly<Record<ScopeKey, readonly Choice[]>>;

const SEVERITIES = ["attention", "warning", "serious"] as const;
const STEPS = ["accept", "handle", "review", "approve", "close", "deliver"] as const;
const PAUSES = ["break", "back_office", "leave", "fault"] as const;
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const SCOPE_KEYS: readonly ScopeKey[] = ["units", "windows", "items", "steps", "cameras"];
/** Says in the form that the rule has hours of its own. */
const HAS_HOURS = "schedule.has";
const YES = "yes";
const OWN_HOURS = { days: ["mon", "tue", "wed", "thu", "fri"], hours: [{ open: "09:00", close: "12:00" }, { open: "13:00", close: "17:00" }], follows_calendar: true };

export function namedOf(hall: HallView | undefined, items: readonly Choice[], t: Texts["t"], called: Texts["name"]): Named {
  return {
    units: (hall?.units ?? []).map(({ id, name }) => ({ value: id, label: called(name) })),
    windows: (hall?.windows ?? []).map(({ id, number, name }) => ({ value: id, label: `${number} ${called(name)}` })),
    cameras: (hall?.cameras ?? []).map(({ id, name }) => ({ value: id, label: called(name) })),
    items,
    steps: STEPS.map((value) => ({ value, label: t(`step.${value}`) })),
  };
}

function limitMember({ name, widget, label, hint, placeholder }: Limit, t: Texts["t"]): Member {
  const choices = (["promised", "statutory"] as const).map((value) => ({ value, label: t(`limitKind.${value}`) }));
  return {
    name, widget, label, isShort: true,
    ...(hint === undefined ? {} : { hint }),
    ...(placeholder === undefined ? {} : { placeholder: t(placeholder) }),
    ...(widget === "choice" ? { choices } : {}),
  };
}

/** The limits of a kind, with how serious what it finds is. */
export function limitMembers(kind: AlertKind, t: Texts["t"]): readonly Member[] {
  const severity: Member = {
    name: "severity", widget: "choice", label: "field.severity", isShort: true,
    choices: SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) })),
  };
  return [...ASKED[kind].limits.map((one) => limitMember(one, t)), severity];
}

/** For how long a pause excuses, by its reason. */
export function pauseMembers(kind: AlertKind, t: Texts["t"]): readonly Member[] {
  if (!ASKED[kind].hasPauses) return [];
  const none = t("ruleHint.notAllowed");
  return PAUSES.map((one): Member => ({ name: `allowed_pauses.${one}`, widget: "length", label: `pause.${one}`, isShort: true, placeholder: none }));
}

/** The limits of single steps. */
export function stepMembers(kind: AlertKind, t: Texts["t"]): readonly Member[] {
  if (!ASKED[kind].hasSteps) return [];
  const usual = t("ruleHint.limitAbove");
  return STEPS.map((one): Member => ({ name: `steps.${one}`, widget: "length", label: `step.${one}`, isShort: true, placeholder: usual }));
}

/** Where the faults of the limits of single items stand. */
export const ITEM_LIMITS: Member = { name: "items", widget: "lines", label: "field.items" };

/** Whom a rule is about, or (`exempt`) whom not. `isOlder`: its cameras stand beside its scope. */
export function scopeMembers(kind: AlertKind, side: "exempt" | "scope", named: Named, t: Texts["t"], isOlder = false): readonly Member[] {
  const placeholder = t(side === "scope" ? "ruleHint.all" : "ruleHint.none");
  const members = ASKED[kind].scopedBy.map((key): Member => {
    const choices = named[key];
    return { name: `${side}.${key}`, widget: "choices", label: `field.${key}`, placeholder, ...(key === "items" && choices.length === 0 ? {} : { choices }) };
  });
  if (!isOlder || side === "exempt") return members;
  return members.map((one): Member => (one.name === "scope.cameras" ? { ...one, name: "cameras" } : one));
}

/** The hours in which a rule finds. */
export function hoursMembers(form: MemberForm, t: Texts["t"]): readonly Member[] {
  const has: Member = { name: HAS_HOURS, widget: "switch", label: "ruleAdmin.hasHours" };
  if (form[HAS_HOURS] !== YES) return [has];
  return [
    has,
    { name: "schedule.days", widget: "choices", label: "field.days", choices: WEEKDAYS.map((value) => ({ value, label: t(`weekday.${value}`) })) },
    { name: "schedule.hours", widget: "area", label: "field.hours", hint: "ruleHint.hours" },
    { name: "schedule.follows_calendar", widget: "switch", label: "field.follows_calendar" },
  ];
}

export const BASIS: readonly Member[] = [
  { name: "basis.zh", widget: "text", label: "field.zh", isShort: true },
  { name: "basis.en", widget: "text", label: "field.en", isShort: true },
];

/** The members that the form means as they stand. */
function plainMembers(kind: AlertKind, named: Named, t: Texts["t"], isOlder: boolean): readonly Member[] {
  return [
    { name: "enabled", widget: "switch", label: "field.enabled" },
    ...limitMembers(kind, t), ...pauseMembers(kind, t), ...stepMembers(kind, t),
    ...scopeMembers(kind, "scope", named, t, isOlder), ...scopeMembers(kind, "exempt", named, t), ...BASIS,
  ];
}

function isList(content: Content | undefined): content is readonly Content[] {
  return Array.isArray(content);
}

/** True for a rule whose cameras stand beside its scope, as older files write them. */
export function isOlder(rule: ConfiguredRule | null): boolean {
  const cameras = rule?.cameras;
  return isList(cameras) && cameras.length > 0;
}

function everyMember(named: Named, t: Texts["t"]): readonly Member[] {
  const all = KINDS.flatMap((kind) => [...plainMembers(kind, named, t, false), ...plainMembers(kind, named, t, true)]);
  return [...new Map(all.map((member) => [member.name, member])).values()];
}

/** The form of a rule; of one to come, whose kind is not chosen yet, for null. */
export function ruleForm(rule: ConfiguredRule | null, named: Named, t: Texts["t"]): MemberForm {
  const every = everyMember(named, t);
  const said: Readonly<Record<string, Content>> = rule === null ? { enabled: true } : { ...usualOf(rule.kind), ...rule };
  const own = at(said, "schedule");
  const has = own !== undefined && own !== null && at(own, "always") !== true;
  const schedule = { ...OWN_HOURS, ...(has ? (own as Readonly<Record<string, Content>>) : {}) };
  return {
    ...formOf(every, said),
    id: rule?.id ?? "",
    kind: rule?.kind ?? "",
    raises: rungTexts(said.raises),
    items: ASKED[rule?.kind ?? "absence"].hasSteps === true ? itemLimitTexts(said.items) : [],
    [HAS_HOURS]: has ? YES : "",
    "schedule.days": schedule.days,
    "schedule.hours": hoursText(schedule.hours),
    "schedule.follows_calendar": schedule.follows_calendar ? YES : "",
  };
}

/** What a new rule says once its kind is chosen; whom it is about and its basis stay as typed. */
export function ofKind(kind: AlertKind, form: MemberForm, named: Named, t: Texts["t"]): MemberForm {
  const usual = ruleForm({ id: String(form.id), kind }, named, t);
  const kept = Object.entries(form).filter(([name]) => /^(?:scope|exempt|basis|schedule)\./u.test(name));
  return { ...usual, ...Object.fromEntries(kept), enabled: form.enabled ?? YES };
}

/** The rule that a form means; of `before` stays what the form does not show. */
export function ruleOf(form: MemberForm, before: ConfiguredRule | null, named: Named, t: Texts["t"]): ConfiguredRule {
  const kind = before?.kind ?? (form.kind as AlertKind);
  let made: Readonly<Record<string, Content>> = itemOf(plainMembers(kind, named, t, isOlder(before)), form, before ?? {});
  for (const { name, isNullable } of ASKED[kind].limits) if (isNullable === true && at(made, name) === undefined) made = withMember(made, name, null);
  if (ASKED[kind].hasSteps === true) made = { ...made, items: itemLimitsOf(form.items as readonly string[]) };
  if (ASKED[kind].hasLadder !== false) made = { ...made, raises: raisesOf(form.raises as readonly string[]) };
  if (isBare(made.basis)) made = { ...made, basis: null };
  if (isBare(made.exempt)) made = { ...made, exempt: null };
  return { ...made, schedule: scheduleOf(form, at(before ?? {}, "schedule") ?? null), id: String(form.id).trim(), kind };
}

/** Whether nothing stands in an object, or only lists that hold nothing. */
function isBare(content: Content | undefined): boolean {
  return typeof content === "object" && content !== null && Object.values(content).every((one: Content) => isList(one) && one.length === 0);
}

function scheduleOf(form: MemberForm, before: Content): Content {
  const isAlways = at(before, "always") === true;
  if (form[HAS_HOURS] !== YES) return isAlways ? before : null;
  const kept = before === null || isAlways ? {} : (before as Readonly<Record<string, Content>>);
  return {
    ...kept,
    days: WEEKDAYS.filter((day) => form["schedule.days"]?.includes(day)),
    hours: hoursOf(String(form["schedule.hours"])) ?? [],
    follows_calendar: form["schedule.follows_calendar"] === YES,
  };
}

/** What can be said before the server is asked. */
export function ruleFaults(form: MemberForm, before: ConfiguredRule | null, taken: readonly string[], t: Texts["t"]): Faults {
  const faults: Record<string, string> = {};
  const id = String(form.id).trim();
  if (form.kind === "") faults.kind = t("ruleAdmin.chooseKind");
  if (id === "") faults.id = t("configuration.fault.missing");
  else if (!isId(id)) faults.id = t("configuration.fault.id");
  else if (before === null && taken.includes(id)) faults.id = t("configuration.fault.twice", { name: id });
  if (form[HAS_HOURS] === YES && hoursOf(String(form["schedule.hours"])) === null) faults["schedule.hours"] = t("ruleFault.hours");
  if (isHalf((form.items ?? []) as readonly string[])) faults.items = t("ruleFault.itemLimit");
  const asked = ["people_per_window", "limit_people", "limit_wait_seconds"];
  if (form.kind === "long_queue" && asked.every((name) => form[name] === "")) faults.people_per_window = t("ruleFault.oneAsked");
  return faults;
}

/** Whom a scope may name in all. */
export function isScoped(kind: AlertKind): boolean {
  return SCOPE_KEYS.some((key) => ASKED[kind].scopedBy.includes(key));
}
