/** Finding one in a list by some of its words, and going through it by keys. */

/** One line of the list. */
export interface Entry {
  readonly id: string;
  readonly label: string;
  /** Stands before the label: the number of a window. */
  readonly lead?: string;
  /** Stands under it, smaller. */
  readonly note?: string;
  /** What else it is found by: its names in the other language, its identifier. */
  readonly words?: string;
}

/** The entries in which every sought word occurs somewhere, whatever its case. */
export function fitting(entries: readonly Entry[], sought: string): readonly Entry[] {
  const words = sought.toLowerCase().split(/\s+/u).filter((word) => word !== "");
  if (words.length === 0) return entries;
  return entries.filter((entry) => {
    const text = [entry.lead, entry.label, entry.note, entry.words, entry.id].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The entry that a key goes to from `active`: the list does not go round. Undefined for keys that go nowhere. */
export function after(key: string, entries: readonly Entry[], active: string | null): string | undefined {
  const at = entries.findIndex(({ id }) => id === active);
  const last = entries.length - 1;
  const places: Readonly<Partial<Record<string, number>>> = {
    ArrowDown: Math.min(at + 1, last), ArrowUp: Math.max(at - 1, 0), Home: 0, End: last,
  };
  const place = places[key];
  return place === undefined ? undefined : entries[place]?.id;
}

/** Numbers on signs in the order of their value, whatever stands before them: 2 before 10, A2 before A10. */
export function byNumber(one: string, other: string): number {
  return one.localeCompare(other, "zh-CN", { numeric: true });
}
