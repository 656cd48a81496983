/** Passwords made by chance, for users whose own nobody knows. */

/** 32 letters and digits; none is taken for another on paper. */
export const LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 4;
const GROUP = 4;

function chance(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}

/** Sixteen letters in groups of four: 80 bits of chance. `bytes` gives as many bytes as asked for. */
export function randomPassword(bytes: (count: number) => Uint8Array = chance): string {
  // 32 divides 256: each letter is as likely as another.
  const letters = [...bytes(GROUPS * GROUP)].map((byte) => LETTERS.charAt(byte % LETTERS.length));
  return Array.from({ length: GROUPS }, (_, group) => letters.slice(group * GROUP, (group + 1) * GROUP).join("")).join("-");
}
