/** The boxes around people in the cameras that are watched: asked for while they are, renewed while they fade. */
import { computed, type ComputedRef, onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";

import { useBoard } from "@/board/store";
import { serverNow } from "@/time/now";

import { usePageVisible } from "../visible";
import { after, drawn, type DrawnBox, type Known, lasting } from "./boxes";

const RENEWED_EACH_MS = 250;

export function usePeople(watched: Readonly<Ref<readonly string[]>>): ComputedRef<ReadonlyMap<string, readonly DrawnBox[]>> {
  const board = useBoard();
  const isVisible = usePageVisible();
  const known = shallowRef<Known>(new Map());
  const now = ref(serverNow());
  let timer: ReturnType<typeof setInterval> | undefined;

  const asked = computed(() => (isVisible.value ? watched.value.join(" ") : ""));
  const cameras = computed(() => new Set(asked.value === "" ? [] : asked.value.split(" ")));
  watch(
    cameras,
    (wanted) => {
      board.watchPeople([...wanted]);
      renew();
    },
    { immediate: true },
  );

  /** Let boxes fade, and go; the clock rests while there are none. */
  function renew(): void {
    now.value = serverNow();
    known.value = lasting(known.value, cameras.value, now.value);
    if (known.value.size > 0) timer ??= setInterval(renew, RENEWED_EACH_MS);
    else {
      clearInterval(timer);
      timer = undefined;
    }
  }

  // Each at once: two that come together would else be one.
  watch(
    () => board.sighted,
    (sighting) => {
      if (sighting === null) return;
      known.value = after(known.value, sighting);
      renew();
    },
    { flush: "sync" },
  );

  onScopeDispose(() => {
    clearInterval(timer);
    board.watchPeople([]);
  });

  return computed(() => new Map([...known.value].map(([camera, zones]) => [camera, drawn(zones, now.value)])));
}
