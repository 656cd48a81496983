/** The form of how long recordings are kept: read, checked and compared without a screen. */
import type { ConfiguredKeep, ConfiguredStorage } from "@/api/facts";

/** What is typed: empty for no limit. */
export interface KeepForm {
  picture_days: string;
  sound_days: string;
  gigabytes: string;
  keep_free_percent: string;
  warn_hours: string;
}

const OF_KEEP = ["picture_days", "sound_days", "gigabytes"] as const;
const OF_STORAGE = ["keep_free_percent", "warn_hours"] as const;
export const FIELDS = [...OF_KEEP, ...OF_STORAGE] as const;
export type KeepField = (typeof FIELDS)[number];

/** A limit as it is typed. */
function typed(value: number | null | undefined): string {
  return value === null || value === undefined ? "" : String(value);
}

/** The number that was typed: null for nothing, undefined for what is none. */
function numbered(text: string): number | null | undefined {
  const words = text.trim().replace(",", ".");
  if (words === "") return null;
  const value = Number(words);
  return Number.isFinite(value) ? value : undefined;
}

export function formOf(keep: ConfiguredKeep, storage: ConfiguredStorage): KeepForm {
  return {
    picture_days: typed(keep.picture_days),
    sound_days: typed(keep.sound_days),
    gigabytes: typed(keep.gigabytes),
    keep_free_percent: typed(storage.keep_free_percent),
    warn_hours: typed(storage.warn_hours),
  };
}

/** The fields in which no number stands, or none where one has to. */
export function faultyFields(form: KeepForm): readonly KeepField[] {
  return [
    ...OF_KEEP.filter((field) => numbered(form[field]) === undefined),
    ...OF_STORAGE.filter((field) => typeof numbered(form[field]) !== "number"),
  ];
}

export function keepOf(form: KeepForm): ConfiguredKeep {
  return Object.fromEntries(OF_KEEP.map((field) => [field, numbered(form[field]) ?? null]));
}

export function storageOf(form: KeepForm, before: ConfiguredStorage): ConfiguredStorage {
  return { ...before, ...Object.fromEntries(OF_STORAGE.map((field) => [field, numbered(form[field])])) };
}

/** The limits under which more would go than before: footage is deleted for them, and never comes back. */
export function shortened(before: ConfiguredKeep, after: ConfiguredKeep): readonly (typeof OF_KEEP)[number][] {
  return OF_KEEP.filter((field) => {
    const wanted = after[field] ?? null;
    const was = before[field] ?? null;
    return wanted !== null && (was === null || wanted < was);
  });
}

export function isSameForm(one: KeepForm, other: KeepForm): boolean {
  return FIELDS.every((field) => one[field].trim() === other[field].trim());
}
