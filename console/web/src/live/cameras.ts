/** How the cameras of a hall are, read anew every few seconds while a screen shows it. */
import { onBeforeUnmount, onMounted, type Ref, watch } from "vue";

import { client } from "@/api/client";
import type { CameraState, Page } from "@/api/facts";
import { type Load, useLoad } from "@/shell/load";

const READ_EVERY_MS = 5_000;

/** The states of the cameras of a hall; of none while the hall is not known yet. */
export function useCameraStates(hall: Ref<string>): Load<Page<CameraState>> {
  const load = useLoad<Page<CameraState>>(() => client.halls.cameras(hall.value));
  let timer: ReturnType<typeof setInterval> | undefined;

  function look(): void {
    if (hall.value !== "" && document.visibilityState === "visible") void load.read();
  }

  onMounted(() => {
    timer = setInterval(look, READ_EVERY_MS);
  });
  onBeforeUnmount(() => {
    clearInterval(timer);
  });
  watch(hall, look, { immediate: true });
  return load;
}

/** What may be wrong with a whole picture: the states of its observation but `clear` and `unknown`. */
export type PictureFault = (typeof PICTURE_FAULTS)[number];

export const PICTURE_FAULTS = ["covered", "black", "washed_out", "frozen", "blurred", "moved"] as const;

/** Faults that end by an officer's word, since they depend on what the camera is used to showing. */
const CONFIRMABLE: readonly PictureFault[] = ["moved", "covered", "blurred"];

/** The fault of a picture, or null for one that is clear or that nothing is known of. */
export function faultOf(state: string): PictureFault | null {
  return PICTURE_FAULTS.find((fault) => fault === state) ?? null;
}

export function isConfirmable(fault: PictureFault): boolean {
  return CONFIRMABLE.includes(fault);
}

/** Pictures that came and were not examined: overtaken, damaged, or the detector failed. */
export function leftOut(watching: NonNullable<CameraState["watching"]>): number {
  return watching.superseded + watching.damaged + watching.failed;
}
