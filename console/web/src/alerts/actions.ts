/** What an officer does with an alert: settle it, put it off, hand it on, and go to its pictures. */
import { ElMessage } from "element-plus";
import { useRouter } from "vue-router";

import { client } from "@/api/client";
import type { ActionMembers, Alert, AlertAction } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import { failureText } from "@/shell/failure";

/** Actions that owe a reason, or are words alone, and are asked for in one dialog. */
export type ReasonedAction = Extract<AlertAction, "comment" | "snooze" | "reopen">;

export interface AlertActions {
  /** The alert as it stands afterwards, or null when the change was not made. */
  readonly acknowledge: (alert: Alert) => Promise<Alert | null>;
  readonly dismiss: (alert: Alert, reason: string) => Promise<Alert | null>;
  readonly act: (alert: Alert, action: AlertAction, members?: ActionMembers) => Promise<Alert | null>;
  readonly openReplay: (alert: Alert) => Promise<void>;
}

export function useAlertActions(): AlertActions {
  const { t } = useTexts();
  const board = useBoard();
  const router = useRouter();

  async function act(alert: Alert, action: AlertAction, members: ActionMembers = {}): Promise<Alert | null> {
    const outcome = await client.actOnAlert(alert.id, action, alert.revision, members);
    if (outcome.status === "ok") {
      board.noteAlert(outcome.value);
      ElMessage.success({ message: t(`acted.${action}`), duration: 2000 });
      return outcome.value;
    }
    if (outcome.status === "problem" && outcome.problem.status === 409) {
      const fresh = await client.alert(alert.id);
      if (fresh.status === "ok") board.noteAlert(fresh.value.alert);
      ElMessage.warning(t("alert.conflict"));
      return null;
    }
    ElMessage.error(t("alert.failed", { reason: failureText(outcome, t) }));
    return null;
  }

  return {
    acknowledge: (alert) => act(alert, "acknowledge"),
    dismiss: (alert, reason) => act(alert, "dismiss", { reason }),
    act,
    async openReplay(alert) {
      const told = await client.alert(alert.id);
      if (told.status !== "ok") {
        ElMessage.error(t("alert.failed", { reason: failureText(told, t) }));
        return;
      }
      const { transaction, replay } = told.value;
      const at = alert.interval.start;
      if (transaction !== null) {
        await router.push({ name: "replay", params: { transaction }, query: { at, ...(replay ? { camera: replay.camera } : {}) } });
      } else if (replay !== null) {
        const { camera, from, to } = replay;
        await router.push({ name: "replay-camera", params: { camera }, query: { from, to, at } });
      } else {
        ElMessage.warning(t("alert.noReplay"));
      }
    },
  };
}
