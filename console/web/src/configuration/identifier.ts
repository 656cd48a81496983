/** An id out of a name: what stands in addresses and file names. Where the name has no letters for it: `kind`, counted on. */
export function idFrom(name: string, taken: readonly string[], kind: string): string {
  const wanted = name.toLowerCase().replaceAll(/[^a-z0-9]+/gu, "-").replaceAll(/^-+|-+$/gu, "").slice(0, 50);
  const base = wanted === "" ? kind : wanted;
  for (let number = 1; ; number += 1) {
    const id = number === 1 && wanted !== "" ? base : `${base}-${String(number)}`;
    if (!taken.includes(id)) return id;
  }
}

const ID = /^[a-z0-9][a-z0-9_-]{0,62}$/u;

/** Whether something may be an id in the configuration. */
export function isId(text: string): boolean {
  return ID.test(text);
}
