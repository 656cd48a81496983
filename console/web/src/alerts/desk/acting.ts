/** What is done at the desk: what may be, how its result is told, and how it is taken back. */
import { ref, type Ref, shallowRef } from "vue";
import { useRouter } from "vue-router";

import { type Say, useAlertActions } from "@/alerts/actions";
import { client } from "@/api/client";
import type { Alert, AlertAction } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import { useSession } from "@/session/session";

import { type Undo, undoOf } from "./undoing";
import { camerasOf } from "./views";

export type DeskAct = AlertAction | "replay" | "live" | "silence";

export interface Said {
  readonly tone: Parameters<Say>[0];
  readonly text: string;
}

export interface DeskActing {
  /** Whether this reader may do this with an alert that stands as it does. */
  readonly can: (alert: Alert, act: DeskAct) => boolean;
  readonly acknowledge: (alert: Alert) => Promise<Alert | null>;
  readonly acknowledgeAll: (alerts: readonly Alert[]) => Promise<void>;
  readonly replay: (alert: Alert) => void;
  readonly live: (alert: Alert) => void;
  /** Something was done by a dialog. */
  readonly done: (action: AlertAction, before: Alert, after: Alert) => void;
  readonly say: Say;
  readonly said: Readonly<Ref<Said | null>>;
  readonly canUndo: Readonly<Ref<Undo | null>>;
  /** The alert as it then stands, or null when it could not be undone. */
  readonly undo: () => Promise<Alert | null>;
}

const stands = ({ status }: Alert): boolean => status === "open" || status === "acknowledged";

export function useDeskActing(): DeskActing {
  const { t } = useTexts();
  const board = useBoard();
  const session = useSession();
  const router = useRouter();
  const said = shallowRef<Said | null>(null);
  const canUndo = ref<Undo | null>(null);
  const say: Say = (tone, text) => (said.value = { tone, text });
  const { act, acknowledge, openReplay } = useAlertActions(say);

  function can(alert: Alert, wanted: DeskAct): boolean {
    switch (wanted) {
      case "replay":
        return session.may("replay") && alert.kind !== "disk";
      case "live":
        return session.may("live") && cameraOf(alert) !== null;
      case "silence":
        return session.may("silence") && stands(alert);
      case "comment":
        return session.may("alerts_comment");
      case "acknowledge":
        return session.may("alerts_act") && alert.status === "open";
      case "dismiss":
      case "assign":
        return session.may("alerts_act") && alert.status !== "dismissed";
      case "snooze":
        return session.may("alerts_act") && stands(alert);
      case "reopen":
        return session.may("alerts_act") && (alert.status === "acknowledged" || alert.status === "dismissed" || alert.snoozed_until !== null);
    }
  }

  /** The camera whose live picture shows what an alert is about. */
  function cameraOf(alert: Alert): string | null {
    return camerasOf(alert, board.hall?.cameras ?? []).find((camera) => camera.live)?.id ?? null;
  }

  function done(action: AlertAction, before: Alert, after: Alert): void {
    canUndo.value = undoOf(action, before, after, t("desk.undone"));
  }

  return {
    can,
    async acknowledge(alert) {
      const after = await acknowledge(alert);
      if (after) done("acknowledge", alert, after);
      return after;
    },
    async acknowledgeAll(alerts) {
      let count = 0;
      for (const alert of alerts) {
        const outcome = await client.alerts.act(alert.id, "acknowledge", alert.revision);
        if (outcome.status === "ok") {
          board.noteAlert(outcome.value);
          count += 1;
        } else if (outcome.status === "problem" && outcome.problem.status === 409) {
          const fresh = await client.alerts.one(alert.id);
          if (fresh.status === "ok") board.noteAlert(fresh.value.alert);
        }
      }
      canUndo.value = null;
      const missed = alerts.length - count;
      say(missed > 0 ? "warning" : "success", missed > 0 ? t("desk.manyMissed", { n: count, missed }) : t("desk.manyDone", { n: count }));
    },
    replay: (alert) => void openReplay(alert),
    live(alert) {
      const camera = cameraOf(alert);
      if (alert.cameras.length > 0 || alert.subject.window !== null) void router.push({ name: "live", query: { alert: alert.id } });
      else if (camera !== null) void router.push({ name: "live-camera", params: { camera } });
    },
    done,
    say,
    said,
    canUndo,
    async undo() {
      const last = canUndo.value;
      if (last === null) return null;
      canUndo.value = null;
      return act(last.alert, last.action, last.members);
    },
  };
}
