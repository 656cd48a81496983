/** Reads what the timeline shows: the tiles of the view, kept while they are fresh. */
import { onScopeDispose, ref, type Ref, shallowRef, watch } from "vue";

import { client } from "@/api/client";
import type { Failure } from "@/api/outcome";
import type { TimelineFacts, TimelineOverview } from "@/api/facts";
import { serverNow } from "@/time/now";

import type { Stretch } from "../source";
import { BUCKETS, keyOf, type Tile, tilesOf } from "./tiles";

/** What the timeline is about. */
export interface Subject {
  readonly cameras: readonly string[];
  readonly windows: readonly string[];
  readonly hall: string | undefined;
}

export type Loaded =
  | { readonly level: "facts"; readonly facts: readonly TimelineFacts[] }
  | { readonly level: "overview"; readonly overviews: readonly TimelineOverview[] };

type Told = { readonly level: "facts"; readonly value: TimelineFacts } | { readonly level: "overview"; readonly value: TimelineOverview };

const MOST_KEPT = 32;
/** A view that still moves is not asked for. */
const SETTLES_IN_MS = 90;
/** Files are closed and facts written a while after they happened: until then a tile is read again. */
const SETTLED_AFTER_MS = 90_000;
const READ_AGAIN_MS = 10_000;

export function useTimelineData(subject: Ref<Subject | null>, view: Ref<Stretch | null>) {
  const loaded = shallowRef<Loaded | null>(null);
  const failure = shallowRef<Failure | null>(null);
  const isLoading = ref(false);
  const kept = new Map<string, { readonly told: Told; readonly at: number }>();
  let latest = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function fresh(key: string, tile: Tile): Told | null {
    const found = kept.get(key);
    if (!found) return null;
    const mayGrow = tile.to > serverNow() - SETTLED_AFTER_MS;
    return mayGrow && performance.now() - found.at > READ_AGAIN_MS ? null : found.told;
  }

  async function ask(about: Subject, tile: Tile): Promise<Told | Failure> {
    const key = `${JSON.stringify(about)} ${keyOf(tile)}`;
    const known = fresh(key, tile);
    if (known) return known;
    const query = { ...about, from: tile.from, to: tile.to };
    const outcome = tile.level === "facts" ? await client.records.timelineFacts(query) : await client.records.timelineOverview(query, BUCKETS);
    if (outcome.status !== "ok") return outcome;
    const told = { level: tile.level, value: outcome.value } as Told;
    kept.delete(key);
    kept.set(key, { told, at: performance.now() });
    for (const old of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(old);
    return told;
  }

  async function read(): Promise<void> {
    clearTimeout(timer);
    if (subject.value === null || view.value === null) return;
    latest += 1;
    const mine = latest;
    const about = subject.value;
    isLoading.value = true;
    const told = await Promise.all(tilesOf(view.value).map((tile) => ask(about, tile)));
    if (mine !== latest) return;
    isLoading.value = false;
    timer = setTimeout(() => void read(), READ_AGAIN_MS);
    const failed = told.find((one) => "status" in one);
    failure.value = failed ?? null;
    if (failed) return;
    const facts = told.flatMap((one) => ("level" in one && one.level === "facts" ? [one.value] : []));
    const overviews = told.flatMap((one) => ("level" in one && one.level === "overview" ? [one.value] : []));
    loaded.value = overviews.length > 0 ? { level: "overview", overviews } : { level: "facts", facts };
  }

  watch(
    [subject, view],
    ([about], [before]) => {
      clearTimeout(timer);
      if (about !== before || loaded.value === null) void read();
      else timer = setTimeout(() => void read(), SETTLES_IN_MS);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    latest += 1;
    clearTimeout(timer);
  });
  return { loaded, failure, isLoading, read };
}
