/** The picture of a moment: asked of one camera after the other until one has it, and again while it is being recorded. */
import { onScopeDispose, ref, type Ref, watch } from "vue";

import { client } from "@/api/client";
import type { Failure } from "@/api/outcome";
import { serverNow } from "@/time/now";

export type Moment =
  | { readonly kind: "loading" }
  | { readonly kind: "shown"; readonly url: string; readonly camera: string; readonly at: number }
  /** `reason` is the server's word for it. */
  | { readonly kind: "nothing"; readonly reason: string }
  | { readonly kind: "failed"; readonly words: string };

export interface Asked {
  readonly cameras: readonly string[];
  readonly at: number;
}

const WIDTH = 960;
const AGAIN_MS = 4000;
/** After so long an officer who scrolls past has not stopped. */
const SETTLED_MS = 120;
/** No file stays open longer than this. */
const LONGEST_FILE_MS = 10 * 60_000;

export function useMoment(asked: Readonly<Ref<Asked | null>>, inWords: (failure: Failure) => string): Ref<Moment> {
  const moment = ref<Moment>({ kind: "loading" });
  let turn = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(next: Moment): void {
    if (moment.value.kind === "shown") URL.revokeObjectURL(moment.value.url);
    moment.value = next;
  }

  async function ask({ cameras, at }: Asked, mine: number): Promise<void> {
    let why: Moment = { kind: "nothing", reason: "not_recorded" };
    for (const camera of cameras) {
      const outcome = await client.records.still(camera, new Date(at).toISOString(), WIDTH);
      if (mine !== turn) return;
      if (outcome.status === "ok") {
        show({ kind: "shown", url: URL.createObjectURL(outcome.value.picture), camera, at: Date.parse(outcome.value.at) });
        return;
      }
      const reason = outcome.status === "problem" && outcome.problem.status === 404 ? (outcome.problem.reason ?? "notFound") : null;
      if (camera === cameras[0]) why = reason === null ? { kind: "failed", words: inWords(outcome) } : { kind: "nothing", reason };
    }
    show(why);
    const isComing = why.kind === "failed" || ["being_recorded", "not_yet"].includes(why.reason);
    if (isComing && serverNow() - at < LONGEST_FILE_MS) timer = setTimeout(() => void ask({ cameras, at }, mine), AGAIN_MS);
  }

  watch(
    asked,
    (now) => {
      turn += 1;
      clearTimeout(timer);
      show({ kind: "loading" });
      const mine = turn;
      if (now !== null) timer = setTimeout(() => void ask(now, mine), SETTLED_MS);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    turn += 1;
    clearTimeout(timer);
    show({ kind: "loading" });
  });
  return moment;
}
