/** Turns to connect: a wall of sixteen pictures does not ask for all of them in the same instant. */

const MOST_AT_ONCE = 4;

/** Of things that want to happen at once, only so many do; the others wait in the order in which they came. */
export function turns(most: number): () => Promise<() => void> {
  let taken = 0;
  const waiting: (() => void)[] = [];

  function pass(): void {
    const next = waiting.shift();
    if (next) next();
    else taken -= 1;
  }

  function once(): () => void {
    let isEnded = false;
    return () => {
      if (isEnded) return;
      isEnded = true;
      pass();
    };
  }

  return async () => {
    if (taken < most) taken += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return once();
  };
}

/** The turns of all live pictures of this page. */
export const connecting = turns(MOST_AT_ONCE);
