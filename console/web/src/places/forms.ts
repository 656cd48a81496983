/** The forms of units, windows and staff: what people type, and the part of the configuration that it means. */
import type { ConfiguredUnit, ConfiguredWindow, Item, Staff } from "@/api/facts";
import type { Faults } from "@/configuration/editor";
import { isId } from "@/configuration/identifier";
import type { Texts } from "@/messages/text";

const MOST_DAYS = 1000;

export interface IdentityForm {
  id: string;
  zh: string;
  en: string;
}

export interface WindowForm extends IdentityForm {
  number: string;
  unit: string;
}

export interface StaffForm extends IdentityForm {
  unit: string;
}

export interface ItemForm extends IdentityForm {
  /** As typed, in working days. */
  promised: string;
  statutory: string;
}

interface Named {
  readonly id: string;
  readonly name: ConfiguredUnit["name"];
}

function identityOf(one: Named): IdentityForm {
  return { id: one.id, zh: one.name.zh, en: one.name.en };
}

function named(form: IdentityForm): Named {
  return { id: form.id.trim(), name: { zh: form.zh.trim(), en: form.en.trim() } };
}

export const unitForm = {
  empty: (): IdentityForm => ({ id: "", zh: "", en: "" }),
  formOf: identityOf,
  itemOf: (form: IdentityForm): ConfiguredUnit => named(form),
};

export const windowForm = {
  /** `unit` is the one that most likely staffs it. */
  empty: (unit = ""): WindowForm => ({ ...unitForm.empty(), number: "", unit }),
  formOf: (window: ConfiguredWindow): WindowForm => ({ ...identityOf(window), number: window.number, unit: window.unit }),
  itemOf: (form: WindowForm): ConfiguredWindow => ({ ...named(form), number: form.number.trim(), unit: form.unit }),
};

export const staffForm = {
  empty: (unit = ""): StaffForm => ({ ...unitForm.empty(), unit }),
  formOf: (person: Staff): StaffForm => ({ ...identityOf(person), unit: person.unit }),
  itemOf: (form: StaffForm): Staff => ({ ...named(form), unit: form.unit }),
};

/** Empty: no limit of that sort is judged. What is no number goes to the server as it is, which says so at its field. */
function days(typed: string): number | null {
  return typed.trim() === "" ? null : Number(typed);
}

export const itemForm = {
  empty: (): ItemForm => ({ ...unitForm.empty(), promised: "", statutory: "" }),
  formOf: (item: Item): ItemForm => ({
    ...identityOf(item), promised: String(item.promised_days ?? ""), statutory: String(item.statutory_days ?? ""),
  }),
  itemOf: (form: ItemForm): Item => ({ ...named(form), promised_days: days(form.promised), statutory_days: days(form.statutory) }),
};

/** What is wrong about the limits of an item: each is whole working days, and nothing is promised beyond the law. */
export function limitFaults(form: ItemForm, t: Texts["t"]): Faults {
  const at: Record<string, string> = {};
  const limits = { promised_days: days(form.promised), statutory_days: days(form.statutory) };
  for (const [field, limit] of Object.entries(limits)) {
    if (limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= MOST_DAYS)) at[field] = t("places.daysFault", { most: MOST_DAYS });
  }
  const { promised_days: promised, statutory_days: statutory } = limits;
  if (Object.keys(at).length === 0 && promised !== null && statutory !== null && promised > statutory) {
    at.promised_days = t("places.promiseBeyondLaw", { n: statutory });
  }
  return at;
}

/** What is missing, or taken, by the field that the server would name. `ids` are those that there are; none for one that is known. `isFree`: the id is any text, as another system has it. */
export function identityFaults(form: IdentityForm, ids: readonly string[], t: Texts["t"], isFree = false): Faults {
  const at: Record<string, string> = {};
  if (form.zh.trim() === "") at["name.zh"] = t("configuration.fault.missing");
  if (form.en.trim() === "") at["name.en"] = t("configuration.fault.missing");
  const id = form.id.trim();
  if (id === "") at.id = t("configuration.fault.missing");
  else if (!isFree && !isId(id)) at.id = t("configuration.fault.id");
  else if (ids.includes(id)) at.id = t("configuration.fault.twice", { name: id });
  return at;
}

export function unitOwed(unit: string, t: Texts["t"]): Faults {
  return unit === "" ? { unit: t("places.chooseUnit") } : {};
}

/** What is wrong about a number on a sign; `others` are the windows beside this one. */
export function numberFaults(number: string, others: readonly ConfiguredWindow[], t: Texts["t"]): Faults {
  const wanted = number.trim();
  if (wanted === "") return { number: t("configuration.fault.missing") };
  const same = others.find((one) => one.number === wanted);
  return same === undefined ? {} : { number: t("places.numberTaken", { number: wanted, window: same.id }) };
}
