/** What a change of a roster touched, in words. */
import type { RosterChange } from "@/api/facts";
import type { Texts } from "@/messages/text";

type Counts = RosterChange["shifts"];

/** `3 new, 1 removed`, empty when nothing was touched. */
export function countWords(counts: Counts, t: Texts["t"]): string {
  const told: string[] = [];
  if (counts.added > 0) told.push(t("roster.countAdded", { n: counts.added }));
  if (counts.changed > 0) told.push(t("roster.countChanged", { n: counts.changed }));
  if (counts.removed > 0) told.push(t("roster.countRemoved", { n: counts.removed }));
  return told.join(t("unit.comma"));
}

/** The same of shifts and of leave, as far as there is any. */
export function countsOf(change: Pick<RosterChange, "shifts" | "leaves">, t: Texts["t"]): string {
  const [shifts, leaves] = [countWords(change.shifts, t), countWords(change.leaves, t)];
  const told = [shifts === "" ? "" : t("roster.ofShifts", { counts: shifts }), leaves === "" ? "" : t("roster.ofLeaves", { counts: leaves })];
  return told.filter((part) => part !== "").join(" · ");
}
