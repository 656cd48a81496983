/** What each kind of rule asks, and what it says before anything is typed. Pure. */
import type { AlertKind, Content } from "@/api/facts";
import type { MessageKey } from "@/messages/text";

export type ScopeKey = "cameras" | "items" | "steps" | "units" | "windows";

/** One of the limits of a kind. */
export interface Limit {
  readonly name: string;
  readonly widget: "choice" | "length" | "number" | "switch";
  readonly label: MessageKey;
  readonly hint?: MessageKey;
  readonly usual?: Content;
  /** What stands in the empty field: what holds then. */
  readonly placeholder?: MessageKey;
  /** True where an empty field is `null`: not asked. */
  readonly isNullable?: boolean;
}

export interface Asked {
  readonly limits: readonly Limit[];
  readonly scopedBy: readonly ScopeKey[];
  readonly severity?: "attention" | "serious";
  readonly hasPauses?: boolean;
  readonly hasSteps?: boolean;
  /** False for kinds with stages of their own. */
  readonly hasLadder?: boolean;
  readonly countsPeople?: boolean;
}

function limit(usual?: number): Limit {
  return { name: "limit_seconds", widget: "length", label: "field.limit_seconds", ...(usual === undefined ? {} : { usual }) };
}

const STALE: Limit = { name: "stale_seconds", widget: "length", label: "field.stale_seconds", usual: 30 };
const GAP: Limit = { name: "gap_seconds", widget: "length", label: "field.gap_seconds", usual: 15, hint: "ruleHint.gap" };
const TOGETHER: Limit = { name: "together", widget: "number", label: "field.together", hint: "ruleHint.together", placeholder: "ruleHint.half", isNullable: true };
const POSTS = ["units", "windows", "cameras"] as const;
const DESKS = ["units", "windows", "items"] as const;

export const ASKED: Readonly<Record<AlertKind, Asked>> = {
  absence: { limits: [limit(300), STALE], scopedBy: POSTS, hasPauses: true },
  unattended_customer: { limits: [limit(180), GAP, STALE], scopedBy: POSTS, hasPauses: true },
  overlong_pause: { limits: [{ name: "grace_seconds", widget: "length", label: "field.grace_seconds", usual: 0 }], scopedBy: ["units", "windows"], hasPauses: true },
  overlong_wait: { limits: [limit(1800)], scopedBy: ["items"] },
  long_queue: {
    limits: [
      { name: "people_per_window", widget: "number", label: "field.people_per_window", usual: 8, placeholder: "ruleHint.notAsked", isNullable: true },
      { name: "limit_people", widget: "number", label: "field.limit_people", placeholder: "ruleHint.notAsked", isNullable: true },
      { name: "limit_wait_seconds", widget: "length", label: "field.limit_wait_seconds", usual: 1800, placeholder: "ruleHint.notAsked", isNullable: true },
      { ...limit(300), label: "ruleAdmin.lasts" },
    ],
    scopedBy: [],
    countsPeople: true,
  },
  crowding: {
    limits: [
      { name: "limit_people", widget: "number", label: "field.limit_people" },
      { name: "calm_people", widget: "number", label: "field.calm_people", placeholder: "ruleHint.nineTenths", isNullable: true },
      { ...limit(300), label: "ruleAdmin.lasts" },
      STALE,
    ],
    scopedBy: ["cameras"],
    countsPeople: true,
  },
  dispute: { limits: [limit(60), GAP, STALE], scopedBy: POSTS, severity: "attention" },
  camera_fault: { limits: [limit(30), { name: "picture_seconds", widget: "length", label: "field.picture_seconds", usual: 60 }, STALE, TOGETHER], scopedBy: ["cameras"] },
  audio_fault: { limits: [limit(120), STALE, TOGETHER], scopedBy: ["cameras"], severity: "attention" },
  recording_gap: { limits: [limit(60), TOGETHER], scopedBy: ["cameras"] },
  detector_stale: { limits: [limit(60), TOGETHER], scopedBy: ["cameras"] },
  disk: { limits: [limit(0)], scopedBy: [], hasLadder: false },
  called_not_served: { limits: [limit(300)], scopedBy: DESKS },
  overdue_step: { limits: [{ ...limit(1800), hint: "ruleHint.step" }], scopedBy: [...DESKS, "steps"], hasSteps: true },
  overdue_transaction: {
    limits: [
      { name: "limit", widget: "choice", label: "field.limit", usual: "promised" },
      { name: "attention_days", widget: "number", label: "field.attention_days", usual: 2 },
      { name: "last_day", widget: "switch", label: "field.last_day", usual: true },
    ],
    scopedBy: DESKS,
    severity: "serious",
    hasLadder: false,
  },
};

/** The kinds in the order in which they are offered: windows, those who wait, matters, machines. */
export const KINDS: readonly AlertKind[] = [
  "absence", "unattended_customer", "overlong_pause", "overlong_wait", "long_queue", "called_not_served", "crowding", "dispute", "overdue_step",
  "overdue_transaction", "camera_fault", "audio_fault", "recording_gap", "detector_stale", "disk",
];

/** What a rule of a kind says where it says nothing. */
export function usualOf(kind: AlertKind): Readonly<Record<string, Content>> {
  const { limits, severity = "warning", hasPauses } = ASKED[kind];
  const numbers = limits.flatMap(({ name, usual }) => (usual === undefined ? [] : [[name, usual] as const]));
  return { enabled: true, severity, ...Object.fromEntries(numbers), ...(hasPauses ? { allowed_pauses: { break: 600, back_office: 1800 } } : {}) };
}
