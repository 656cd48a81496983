/** The limits of the steps of single items as a form keeps them: `review 1800 不动产登记`, one a step. Pure. */
import type { Content } from "@/api/facts";

export interface ItemLimit {
  readonly item: string;
  readonly step: string;
  /** What was typed. */
  readonly seconds: string;
}

export function itemLimitText({ item, step, seconds }: ItemLimit): string {
  return [step, seconds, item].join(" ");
}

export function itemLimitOf(text: string): ItemLimit {
  const [step = "", seconds = "", ...item] = text.split(" ");
  return { step, seconds, item: item.join(" ") };
}

export function itemLimitTexts(items: Content | undefined): readonly string[] {
  return Object.entries((items ?? {}) as Readonly<Record<string, Readonly<Record<string, number>>>>).flatMap(([item, steps]) =>
    Object.entries(steps).map(([step, seconds]) => itemLimitText({ item, step, seconds: String(seconds) })),
  );
}

/** The limits as the configuration has them; what is no number goes to the server as it is, which says so. */
export function itemLimitsOf(texts: readonly string[]): Content {
  const items: Record<string, Record<string, Content>> = {};
  for (const { item, step, seconds } of texts.map(itemLimitOf)) {
    const number = Number(seconds);
    items[item] = { ...items[item], [step]: seconds !== "" && Number.isFinite(number) ? number : seconds };
  }
  return items;
}

/** Whether one lacks its item or its length, or two are about the same step of one item. */
export function isHalf(texts: readonly string[]): boolean {
  const limits = texts.map(itemLimitOf);
  const whole = new Set(limits.filter(({ item, seconds }) => item !== "" && seconds !== "").map(({ item, step }) => `${step} ${item}`));
  return whole.size < limits.length;
}
