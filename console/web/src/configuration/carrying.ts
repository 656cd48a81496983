/** What becomes of a form that somebody was filling in when another changed what it is about. */

export type Fields = object;

export interface Carried<Form> {
  readonly form: Form;
  /** The fields in which both changed something: the typed word stands there. */
  readonly both: readonly (keyof Form & string)[];
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether two forms say the same. */
export function isSame<Form extends Fields>(one: Form, other: Form): boolean {
  return keysOf(one).every((key) => same(one[key], other[key]));
}

/** What was typed upon `base`, laid over what stands now: untouched fields follow the other, touched ones stay. */
export function carriedOver<Form extends Fields>(base: Form, typed: Form, now: Form): Carried<Form> {
  const form = { ...now };
  const both: (keyof Form & string)[] = [];
  for (const key of keysOf(typed)) {
    if (same(typed[key], base[key])) continue;
    form[key] = typed[key];
    if (!same(now[key], base[key]) && !same(now[key], typed[key])) both.push(key);
  }
  return { form, both };
}

function keysOf<Form extends Fields>(form: Form): (keyof Form & string)[] {
  return Object.keys(form) as (keyof Form & string)[];
}
