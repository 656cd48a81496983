/** Why a camera has no picture at a moment: the gaps that are known, and a question for those that are not. */
import { ref } from "vue";

import type { Outcome } from "@/api/outcome";
import type { Gap, TimelineFacts } from "@/api/facts";

export type AskFacts = (camera: string, from: number, to: number) => Promise<Outcome<TimelineFacts>>;

/** A moment of which nothing is known is not asked for again sooner. */
const ASK_AGAIN_MS = 15_000;
const AROUND_MS = 30_000;

export function useGaps(ask: AskFacts) {
  const known = ref<readonly Gap[]>([]);
  const asked = new Map<string, { at: number; on: number }>();

  function note(gaps: readonly Gap[]): void {
    const key = (gap: Gap): string => `${gap.camera} ${gap.interval.start}`;
    const merged = new Map(known.value.map((gap) => [key(gap), gap]));
    const before = merged.size;
    let changed = false;
    for (const gap of gaps) {
      changed ||= merged.get(key(gap))?.interval.end !== gap.interval.end;
      merged.set(key(gap), gap);
    }
    if (changed || merged.size > before) known.value = [...merged.values()];
  }

  /** The gap of a camera at a moment, if the recorder noted one. */
  function at(camera: string, wall: number): Gap | null {
    return gapAt(known.value, camera, wall);
  }

  /** Ask once why there is no picture at a moment, unless it is known. */
  function wonder(camera: string, wall: number, now: number): void {
    if (at(camera, wall) !== null) return;
    const before = asked.get(camera);
    if (before && Math.abs(before.at - wall) < AROUND_MS && now - before.on < ASK_AGAIN_MS) return;
    asked.set(camera, { at: wall, on: now });
    void ask(camera, wall - AROUND_MS, wall + AROUND_MS).then((told) => {
      if (told.status === "ok") note(told.value.cameras.flatMap(({ gaps }) => gaps));
    });
  }

  return { known, note, at, wonder };
}

/** The gap of a camera at a moment. Pure. */
export function gapAt(gaps: readonly Gap[], camera: string, wall: number): Gap | null {
  return (
    gaps.find(
      ({ camera: of, interval }) =>
        of === camera && Date.parse(interval.start) <= wall && (interval.end === null || wall < Date.parse(interval.end)),
    ) ?? null
  );
}
