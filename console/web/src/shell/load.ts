/** One thing read from the server: its value, whether it is being read, and what went wrong with the latest reading. */
import { onScopeDispose, ref, type Ref, shallowRef, type ShallowRef } from "vue";

import type { Failure, Outcome } from "@/api/outcome";

export interface Load<Value> {
  readonly value: ShallowRef<Value | null>;
  readonly failure: ShallowRef<Failure | null>;
  readonly isLoading: Ref<boolean>;
  /** Read (anew). An answer that a later reading has overtaken is dropped. */
  readonly read: () => Promise<void>;
}

export function useLoad<Value>(ask: () => Promise<Outcome<Value>>): Load<Value> {
  const value = shallowRef<Value | null>(null);
  const failure = shallowRef<Failure | null>(null);
  const isLoading = ref(false);
  let latest = 0;

  async function read(): Promise<void> {
    latest += 1;
    const mine = latest;
    isLoading.value = true;
    const outcome = await ask();
    if (mine !== latest) return;
    isLoading.value = false;
    if (outcome.status === "ok") {
      value.value = outcome.value;
      failure.value = null;
    } else {
      failure.value = outcome;
    }
  }

  onScopeDispose(() => {
    latest += 1;
  });
  return { value, failure, isLoading, read };
}
