/** Moments and durations of this part in words. */
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import { useNow } from "@/time/now";
import { clockTime, dayAndTime, dayOf } from "@/time/zone";

import { lasting } from "./amounts";

export interface Saying {
  /** A moment: the time alone where it is of today. */
  readonly moment: (at: string | null) => string;
  /** How long something lasts: `3 d`. */
  readonly duration: (seconds: number) => string;
  /** How long ago a moment was: `4 s ago`. */
  readonly ago: (at: string | null) => string;
}

export function useSaying(): Saying {
  const { t } = useTexts();
  const board = useBoard();
  const now = useNow();

  function moment(at: string | null): string {
    if (at === null) return t("system.notKnown");
    const when = Date.parse(at);
    const isToday = dayOf(when, board.zone) === dayOf(now.value, board.zone);
    return isToday ? clockTime(when, board.zone) : dayAndTime(when, board.zone);
  }

  function duration(seconds: number): string {
    const said = lasting(seconds);
    return t(said.key, said.values);
  }

  function ago(at: string | null): string {
    if (at === null) return t("system.notKnown");
    return t("system.ago", { time: duration((now.value - Date.parse(at)) / 1000) });
  }

  return { moment, duration, ago };
}
