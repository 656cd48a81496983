/**
 * A list of the configuration (the windows of a hall, the notifiers of the site): read with its ETag, and one of it saved
 * or removed upon what was read, or not at all.
 */
import { computed, type ComputedRef, type Ref, ref, shallowRef, watch } from "vue";

import { client } from "@/api/client";
import type { ConfiguredPart } from "@/api/facts";
import { type Load, useLoad } from "@/shell/load";

import { type Refusal, refused } from "./refusal";

export interface Identified {
  readonly id: string;
}

export interface Collection<Item extends Identified> {
  readonly load: Load<ConfiguredPart<readonly Item[]>>;
  readonly items: ComputedRef<readonly Item[]>;
  readonly isSaving: Ref<boolean>;
  readonly refusal: Ref<Refusal | null>;
  /** The ETag upon which a change of one is made: that with which it was read. */
  readonly etagOf: (id: string) => string;
  /** Save one, upon `etag` where it was read earlier than the list; what stands then, or null when it was refused. */
  readonly save: (item: Item, etag?: string) => Promise<Item | null>;
  readonly remove: (id: string, etag?: string) => Promise<boolean>;
}

/** `hall` is "" while it is not known yet, and null for the site. */
export function useCollection<Item extends Identified>(hall: Readonly<Ref<string | null>>, collection: string): Collection<Item> {
  const load = useLoad(() => client.configuration.read<readonly Item[]>(hall.value, collection));
  const isSaving = ref(false);
  const refusal = shallowRef<Refusal | null>(null);
  const items = computed(() => load.value.value?.value ?? []);
  // The answer to a change tells of one alone: the others stay those of the ETag with which the list was read.
  const own = new Map<string, string>();

  watch(hall, () => {
    load.value.value = null;
    refusal.value = null;
    if (hall.value !== "") void load.read();
  }, { immediate: true });
  watch(load.value, (now, before) => {
    if (now?.etag !== before?.etag) own.clear();
  }, { flush: "sync" });

  function etagOf(id: string): string {
    return own.get(id) ?? load.value.value?.etag ?? "";
  }

  async function save(item: Item, etag = etagOf(item.id)): Promise<Item | null> {
    isSaving.value = true;
    refusal.value = null;
    const told = await client.configuration.put({ hall: hall.value, collection, id: item.id }, item, etag);
    isSaving.value = false;
    if (told.status !== "ok") {
      refusal.value = refused(told);
      return null;
    }
    const { value } = told.value;
    const isKnown = items.value.some(({ id }) => id === value.id);
    const now = isKnown ? items.value.map((one) => (one.id === value.id ? value : one)) : [...items.value, value];
    load.value.value = { etag: load.value.value?.etag ?? told.value.etag, value: now };
    own.set(value.id, told.value.etag);
    return value;
  }

  async function remove(id: string, etag = etagOf(id)): Promise<boolean> {
    isSaving.value = true;
    refusal.value = null;
    const told = await client.configuration.remove({ hall: hall.value, collection, id }, etag);
    isSaving.value = false;
    if (told.status !== "ok") refusal.value = refused(told);
    await load.read();
    return told.status === "ok";
  }

  return { load, items, isSaving, refusal, etagOf, save, remove };
}
