/** The wall that is shown: begun from what was on it last, changed by its officer, and kept on the server. */
import { computed, onBeforeUnmount, ref, type Ref, shallowRef, watch } from "vue";

import { client } from "@/api/client";
import type { Failure } from "@/api/outcome";
import type { CameraView, LiveLayout } from "@/api/facts";

import { type Arrangement, arrangement, inSight, isSame, known, type Panes, resized, wallOf } from "./arrangement";

const KEPT_AFTER_MS = 800;
/** So many cameras stand on the wall of somebody who never arranged one. */
const AT_FIRST = 4;

export function useWall(hall: Ref<string>, cameras: Ref<readonly CameraView[]>) {
  const wall = shallowRef<Arrangement>(arrangement(4));
  const chosen = ref(0);
  const saved = shallowRef<readonly LiveLayout[]>([]);
  /** The saved layout that the wall was begun from; empty for none. */
  const name = ref("");
  const isLoading = ref(true);
  /** What went wrong with the latest reading or keeping; null when it went well. */
  const failure = shallowRef<Failure | null>(null);
  /** What the wall was before cameras were put on it for a while, as those of an alert. */
  const before = shallowRef<Arrangement | null>(null);
  let keeping: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  const isChanged = computed(() => {
    const layout = saved.value.find((one) => one.name === name.value);
    return layout !== undefined && before.value === null && !isSame(wall.value, arrangement(layout.panes, layout.cameras));
  });

  async function read(): Promise<void> {
    latest += 1;
    const mine = latest;
    isLoading.value = true;
    const told = await client.live.layouts(hall.value);
    if (mine !== latest) return;
    isLoading.value = false;
    if (told.status !== "ok") {
      failure.value = told;
      if (before.value === null) wall.value = first();
      return;
    }
    failure.value = null;
    saved.value = told.value.items;
    const { shown } = told.value;
    name.value = shown?.name ?? "";
    const last = shown ? arrangement(shown.panes, shown.cameras) : first();
    if (before.value === null) wall.value = last;
    else before.value = last;
  }

  function first(): Arrangement {
    const ids = cameras.value.slice(0, AT_FIRST).map((camera) => camera.id);
    return ids.length > 1 ? arrangement(4, ids) : wallOf(ids);
  }

  /** Show another arrangement, and have it kept. */
  function change(next: Arrangement, pane = chosen.value): void {
    before.value = null;
    wall.value = next;
    chosen.value = Math.min(pane, next.panes - 1);
    clearTimeout(keeping);
    keeping = setTimeout(() => void keep(), KEPT_AFTER_MS);
  }

  function asked(): { hall: string; panes: Panes; cameras: (string | null)[] } {
    return { hall: hall.value, panes: wall.value.panes, cameras: [...inSight(wall.value)] };
  }

  async function keep(): Promise<void> {
    clearTimeout(keeping);
    keeping = undefined;
    const told = await client.live.keepWall(asked(), name.value);
    failure.value = told.status === "ok" ? null : told;
  }

  function resize(panes: Panes): void {
    const next = resized(wall.value, panes, chosen.value);
    change(next.wall, next.chosen);
  }

  /** Show a saved layout. */
  function choose(wanted: string): void {
    const layout = saved.value.find((one) => one.name === wanted);
    if (!layout) return;
    name.value = wanted;
    change(arrangement(layout.panes, layout.cameras), 0);
  }

  /** Save what is shown under a name. Answers what went wrong, if anything did. */
  async function save(as: string): Promise<Failure | null> {
    const told = await client.live.saveLayout(as, asked());
    if (told.status !== "ok") return told;
    const layout = told.value;
    saved.value = [...saved.value.filter((one) => one.name !== layout.name), layout].sort((a, b) => a.name.localeCompare(b.name));
    name.value = layout.name;
    before.value = null;
    await keep();
    return null;
  }

  async function remove(): Promise<Failure | null> {
    const gone = name.value;
    const told = await client.live.removeLayout(hall.value, gone);
    if (told.status !== "ok" && !(told.status === "problem" && told.problem.status === 404)) return told;
    saved.value = saved.value.filter((one) => one.name !== gone);
    name.value = "";
    await keep();
    return null;
  }

  /** Put cameras on the wall for a while: what was on it is not forgotten. */
  function lend(ids: readonly string[]): void {
    before.value ??= wall.value;
    wall.value = wallOf(ids);
    chosen.value = 0;
  }

  function giveBack(): void {
    if (before.value === null) return;
    wall.value = before.value;
    before.value = null;
    chosen.value = 0;
  }

  watch(
    () => hall.value !== "" && cameras.value.length > 0 && hall.value,
    (is) => {
      if (is === false) return;
      if (keeping !== undefined) clearTimeout(keeping);
      void read();
    },
    { immediate: true },
  );
  // A camera that leaves the configuration leaves its pane empty.
  const shown = computed(() => inSight(known(wall.value, new Set(cameras.value.map((camera) => camera.id)))));

  onBeforeUnmount(() => {
    latest += 1;
    if (keeping !== undefined) void keep();
  });

  return {
    wall, chosen, shown, saved, name, isLoading, isChanged, failure, isLent: computed(() => before.value !== null),
    read, change, resize, choose, save, remove, lend, giveBack,
  };
}
