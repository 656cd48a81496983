/** Whether somebody is led to the first steps: who may set up a hall in which there is no camera yet. */
import { computed, type ComputedRef } from "vue";

import { useBoard } from "@/board/store";
import { useSession } from "@/session/session";

const LEFT_AS = "hallwatch.guideLeft";

/** True for who may configure a hall that has no camera. */
export function useNothingSetUp(): ComputedRef<boolean> {
  const board = useBoard();
  const session = useSession();
  return computed(() => session.may("configure") && board.hall?.cameras.length === 0);
}

/** Whether the guide was left in this tab: nobody is led back against their will. */
export function wasLeft(): boolean {
  return sessionStorage.getItem(LEFT_AS) !== null;
}

export function leave(): void {
  sessionStorage.setItem(LEFT_AS, "1");
}
