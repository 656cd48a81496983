/** How a lock stands, and which locks keep a piece of footage. */
import { onScopeDispose, type Ref, shallowRef, watch } from "vue";

import { client } from "@/api/client";
import type { Lock } from "@/api/facts";

/** Days for which footage can be kept; 0: until somebody releases it. */
export const PERIODS = [7, 30, 90, 365, 1095, 0] as const;

export type Period = (typeof PERIODS)[number];

/** What is to be done with a lock. */
export interface LockChange {
  readonly act: "prolong" | "release";
  readonly lock: Lock;
}

const DAY_MS = 86_400_000;
/** What is being looked at may move as it plays: who scrolls has not stopped. */
const SETTLED_MS = 300;

export type LockState = "holds" | "expired" | "released";

export function stateOf(lock: Lock, now: number): LockState {
  if (lock.released_at !== null) return "released";
  return lock.expires_at !== null && Date.parse(lock.expires_at) <= now ? "expired" : "holds";
}

/** When a period that begins now is over, as the server takes it. */
export function ending(days: number, now: number): string | null {
  return days === 0 ? null : new Date(now + days * DAY_MS).toISOString();
}

/** The periods by which a lock would hold longer than it does. */
export function longerThan(lock: Lock, now: number): readonly Period[] {
  const { expires_at: end } = lock;
  return end === null ? [] : PERIODS.filter((days) => days === 0 || now + days * DAY_MS > Date.parse(end));
}

/** Those that hold longest first. */
export function byEnd(locks: readonly Lock[]): Lock[] {
  const end = (lock: Lock): number => (lock.expires_at === null ? Infinity : Date.parse(lock.expires_at));
  return [...locks].sort((a, b) => end(b) - end(a) || 0);
}

/** Footage: cameras over a time, in milliseconds. */
export interface Footage {
  readonly cameras: readonly string[];
  readonly from: number;
  readonly to: number;
}

export interface Locks {
  readonly held: Readonly<Ref<readonly Lock[]>>;
  readonly read: () => Promise<void>;
}

/** The locks that hold over any part of the footage, as long as that is looked at. */
export function useLocksOver(footage: Readonly<Ref<Footage | null>>): Locks {
  const held = shallowRef<readonly Lock[]>([]);
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function read(): Promise<void> {
    turn += 1;
    const mine = turn;
    const wanted = footage.value;
    if (wanted === null || wanted.cameras.length === 0) {
      held.value = [];
      return;
    }
    const told = await client.evidence.locks({ holding: true, ...wanted });
    if (mine === turn && told.status === "ok") held.value = byEnd(told.value.items);
  }

  watch(
    () => (footage.value === null ? "" : JSON.stringify(footage.value)),
    () => {
      held.value = [];
      turn += 1;
      clearTimeout(timer);
      timer = setTimeout(() => void read(), SETTLED_MS);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    turn += 1;
    clearTimeout(timer);
  });
  return { held, read };
}
