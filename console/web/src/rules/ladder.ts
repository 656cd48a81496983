/** The steps of a ladder of severities as a form keeps them: `serious after_seconds 1800`, one a step. Pure. */
import type { Content, Severity } from "@/api/facts";

export type Measure = "after_seconds" | "people";

export interface Rung {
  readonly severity: Severity;
  readonly measure: Measure;
  /** What was typed. */
  readonly from: string;
}

export function rungText({ severity, measure, from }: Rung): string {
  return `${severity} ${measure} ${from}`;
}

export function rungOf(text: string): Rung {
  const [severity = "serious", measure = "after_seconds", ...from] = text.split(" ");
  return { severity: severity as Severity, measure: measure as Measure, from: from.join(" ") };
}

export function rungTexts(raises: Content | undefined): readonly string[] {
  if (!Array.isArray(raises)) return [];
  return (raises as readonly Readonly<Record<string, Content>>[]).map((one) => {
    const measure = typeof one.people === "number" ? "people" : "after_seconds";
    const from = one[measure];
    return rungText({ severity: one.severity as Severity, measure, from: typeof from === "number" ? String(from) : "" });
  });
}

/** The steps as the configuration has them; what is no number goes to the server as it is, which says so. */
export function raisesOf(texts: readonly string[]): Content {
  return texts.map((text) => {
    const { severity, measure, from } = rungOf(text);
    const number = Number(from);
    return { severity, ...(from.trim() === "" ? {} : { [measure]: Number.isFinite(number) ? number : from }) };
  });
}
