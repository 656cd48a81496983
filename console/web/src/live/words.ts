/** What is said of a live picture: its state in words, with the shape that stands beside them. */
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import type { SymbolName } from "@/shell/symbols";
import { clockTime } from "@/time/zone";

import type { PictureState } from "./picture";

/** Whether there is a picture that moves: its state then stands below it and not across it. */
export function isCalm(state: PictureState): boolean {
  return state.kind === "playing" || (state.kind === "delayed" && !state.isStill);
}

export function symbolOf(state: PictureState): SymbolName {
  switch (state.kind) {
    case "playing":
      return "live";
    case "delayed":
      return "overlong_wait";
    case "paused":
      return "pause";
    case "connecting":
    case "stale":
      return "connecting";
    case "error":
      return "warning";
  }
}

export function useWords() {
  const { t } = useTexts();
  const board = useBoard();

  function wordsOf(state: PictureState): string {
    switch (state.kind) {
      case "playing":
      case "connecting":
      case "paused":
        return t(`live.${state.kind}`);
      case "stale":
        return state.since === null ? t("live.stale") : t("live.staleSince", { time: clockTime(state.since, board.zone) });
      case "delayed":
        if (state.isStill) return t("live.lateStill");
        return state.behind === null ? t("live.late") : t("live.lateBy", { seconds: Math.round(state.behind / 1000) });
      case "error": {
        const problem = t(`live.${state.problem}`);
        const said = state.since === null ? t("live.noPicture", { problem }) : t("live.lostSince", { problem, time: clockTime(state.since, board.zone) });
        if (state.problem === "no_player" || state.problem === "unsupported") return said;
        return t("live.again", { problem: said, seconds: Math.max(1, Math.round(state.seconds)) });
      }
    }
  }

  /** Why a late picture is late; empty for any other. */
  function hintOf(state: PictureState): string {
    return state.kind === "delayed" ? t(`live.because.${state.because}`) : "";
  }

  return { wordsOf, hintOf };
}
