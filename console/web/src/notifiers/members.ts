/** What is asked of each kind of notifier, and how it is told: the fields of its form. Pure. */
import type { Content, HallView, NotifierView } from "@/api/facts";
import { type Choice, formOf, itemOf, type Member, type MemberForm } from "@/configuration/members";
import type { Texts } from "@/messages/text";

export type NotifierKind = NotifierView["kind"];

/** A notifier as the configuration has it. */
export type ConfiguredNotifier = { readonly id: string; readonly kind: NotifierKind } & Readonly<Record<string, Content>>;

export const KINDS: readonly NotifierKind[] = ["email", "wecom", "dingtalk", "feishu", "sms", "signal", "webhook", "foreign"];
export const LEVELS = ["serious", "warning", "attention", "clear"] as const;

const SEVERITIES = ["attention", "warning", "serious"] as const;
const STATUSES = ["open", "acknowledged", "resolved", "dismissed"] as const;
const ALERT_KINDS = [
  "absence", "unattended_customer", "overlong_pause", "overlong_wait", "long_queue", "called_not_served", "overdue_step", "overdue_transaction",
  "crowding", "dispute", "camera_fault", "audio_fault", "recording_gap", "detector_stale", "disk",
] as const;

const URL: Member = { name: "url", widget: "text", label: "field.url", hint: "notifierHint.url" };
const ROBOT: Member = { ...URL, hint: "notifierHint.robot" };
const SECRET: Member = { name: "secret", widget: "text", label: "field.secret", hint: "notifierHint.secret", isShort: true };
const TIMEOUT: Member = { name: "timeout_seconds", widget: "length", label: "field.timeout_seconds", isShort: true, placeholder: "10 s" };
const PROXY: Member = { name: "proxy", widget: "text", label: "field.proxy", isShort: true, placeholder: "http://host:port" };

function oneOf(values: readonly string[]): readonly Choice[] {
  return values.map((value) => ({ value, label: value }));
}

function written(t: Texts["t"]): readonly Member[] {
  const languages = [{ value: "zh-CN", label: t("notifierLanguage.zh-CN") }, { value: "en", label: t("notifierLanguage.en") }];
  return [
    { name: "language", widget: "choice", label: "field.language", choices: languages, isShort: true },
    { name: "prefix", widget: "text", label: "field.prefix", hint: "notifierHint.prefix", isShort: true },
  ];
}

/** How a receiver is reached: what is asked of this kind alone. */
export function reachMembers(kind: NotifierKind, t: Texts["t"]): readonly Member[] {
  const method: Member = { name: "method", widget: "choice", label: "field.method", choices: oneOf(["POST", "GET", "PUT"]), isShort: true };
  switch (kind) {
    case "webhook":
      return [URL, SECRET];
    case "wecom":
      return [ROBOT];
    case "dingtalk":
    case "feishu":
      return [ROBOT, SECRET];
    case "email":
      return [
        { name: "host", widget: "text", label: "field.host", isShort: true },
        { name: "port", widget: "number", label: "field.port", isShort: true, placeholder: "587 / 465 / 25" },
        { name: "security", widget: "choice", label: "field.security", isShort: true, choices: (["starttls", "tls", "none"] as const).map((value) => ({ value, label: t(`mailSecurity.${value}`) })) },
        { name: "user", widget: "text", label: "field.user", isShort: true },
        { name: "password", widget: "text", label: "field.password", hint: "notifierHint.secret", isShort: true },
        { name: "sender", widget: "text", label: "field.sender", isShort: true },
        { name: "recipients", widget: "lines", label: "field.recipients", hint: "notifierHint.lines" },
      ];
    case "sms":
      return [
        { ...URL, hint: "notifierHint.call" },
        method,
        { name: "encoding", widget: "choice", label: "field.encoding", choices: oneOf(["utf-8", "gbk"]), isShort: true },
        { name: "headers", widget: "pairs", label: "field.headers", hint: "notifierHint.headers" },
        { name: "body", widget: "area", label: "field.body" },
        { name: "phones", widget: "lines", label: "field.phones", hint: "notifierHint.lines" },
        { name: "expects", widget: "text", label: "field.expects", isShort: true },
        { name: "later", widget: "lines", label: "field.later", isShort: true },
      ];
    case "signal":
      return [
        { name: "shows", widget: "choice", label: "field.shows", choices: (["standing", "new"] as const).map((value) => ({ value, label: t(`signalShows.${value}`) })) },
        ...LEVELS.flatMap((level): readonly Member[] => [
          { name: `calls.${level}.url`, widget: "text", label: `signalCall.${level}`, isShort: true },
          { ...method, name: `calls.${level}.method`, label: "field.method" },
        ]),
      ];
    case "foreign":
      return [
        { name: "plugin", widget: "text", label: "field.plugin" },
        { name: "options", widget: "pairs", label: "field.options", hint: "notifierHint.options" },
      ];
  }
}

/** How messages are written and sent. */
export function wayMembers(kind: NotifierKind, t: Texts["t"]): readonly Member[] {
  const paced: Member = { name: "per_minute", widget: "number", label: "field.per_minute", hint: "notifierHint.pace", isShort: true };
  if (kind === "foreign") return [paced];
  if (kind === "email") return [...written(t), paced, TIMEOUT];
  return [...(kind === "webhook" ? [] : written(t)), paced, TIMEOUT, PROXY];
}

/** What it hears of. */
export function hearingMembers(halls: readonly HallView[], t: Texts["t"], called: Texts["name"]): readonly Member[] {
  const all = t("notifierHint.all");
  return [
    { name: "severities", widget: "choices", label: "field.severities", choices: SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) })) },
    { name: "halls", widget: "choices", label: "field.halls", placeholder: all, choices: halls.map(({ id, name }) => ({ value: id, label: called(name) })) },
    { name: "kinds", widget: "choices", label: "field.kinds", placeholder: all, choices: ALERT_KINDS.map((value) => ({ value, label: t(`kind.${value}`) })) },
    { name: "statuses", widget: "choices", label: "field.statuses", placeholder: all, choices: STATUSES.map((value) => ({ value, label: t(`status.${value}`) })) },
  ];
}

const CALLS = Object.fromEntries(LEVELS.map((level) => [level, { method: "POST" }]));

/** What a new one of a kind has before anything is typed. */
const USUAL: Readonly<Record<string, Content>> = {
  severities: [...SEVERITIES], language: "zh-CN", security: "starttls", method: "POST", encoding: "utf-8", shows: "standing",
};

/** The members of every kind: a form has them all, so that changing the kind of a new one loses nothing that was typed. */
export function everyMember(halls: readonly HallView[], t: Texts["t"], called: Texts["name"]): readonly Member[] {
  const all = KINDS.flatMap((kind) => [...reachMembers(kind, t), ...wayMembers(kind, t)]);
  const names = new Map([...all, ...hearingMembers(halls, t, called)].map((member) => [member.name, member]));
  return [...names.values()];
}

export function notifierForm(members: readonly Member[], item: ConfiguredNotifier | null): MemberForm {
  const known = item?.calls;
  const calls = Object.fromEntries([...Object.entries(CALLS), ...Object.entries(known ?? {})]) as Content;
  return { id: item?.id ?? "", kind: item?.kind ?? "email", ...formOf(members, { ...USUAL, ...item, calls }) };
}

/** The notifier that a form means, with the members of its kind alone. */
export function notifierOf(members: readonly Member[], form: MemberForm, before: ConfiguredNotifier | null): ConfiguredNotifier {
  const id = String(form.id).trim();
  const kind = (before?.kind ?? form.kind) as NotifierKind;
  const made: Record<string, Content> = { ...itemOf(members, form, before ?? {}) };
  // A level without an address has no call.
  const { calls } = made;
  if (typeof calls === "object" && calls !== null) made.calls = Object.fromEntries(Object.entries(calls).filter(([, call]) => typeof call === "object" && call !== null && "url" in call));
  return { ...made, id, kind };
}
