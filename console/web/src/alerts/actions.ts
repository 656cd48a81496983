/** What an officer does with an alert: settle it, put it off, hand it on, and go to its pictures. */
import { ElMessage } from "element-plus";
import { useRouter } from "vue-router";

import { client } from "@/api/client";
import type { Failure } from "@/api/outcome";
import type { ActionMembers, Alert, AlertAction } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import { failureText } from "@/shell/failure";
import { clockTime } from "@/time/zone";

/** Actions that owe a reason, or are words alone, and are asked for in one dialog. */
export type ReasonedAction = Extract<AlertAction, "comment" | "snooze" | "reopen">;

/** How the result of an act is told: by a short message, or as a screen has it. */
export type Say = (tone: "success" | "warning" | "error", text: string) => void;

export interface AlertActions {
  /** The alert as it stands afterwards, or null when the change was not made. */
  readonly acknowledge: (alert: Alert) => Promise<Alert | null>;
  readonly dismiss: (alert: Alert, reason: string) => Promise<Alert | null>;
  readonly act: (alert: Alert, action: AlertAction, members?: ActionMembers) => Promise<Alert | null>;
  /** An alert as it was read, or newer, as the push has brought it since. */
  readonly newest: (alert: Alert) => Alert;
  readonly openReplay: (alert: Alert) => Promise<void>;
}

const briefly: Say = (tone, text) => {
  ElMessage({ type: tone, message: text, duration: tone === "success" ? 2000 : 5000 });
};

export function useAlertActions(say: Say = briefly): AlertActions {
  const { t, locale } = useTexts();
  const board = useBoard();
  const router = useRouter();

  async function act(alert: Alert, action: AlertAction, members: ActionMembers = {}): Promise<Alert | null> {
    const outcome = await client.alerts.act(alert.id, action, alert.revision, members);
    if (outcome.status === "ok") {
      board.noteAlert(outcome.value);
      say("success", t(`acted.${action}`));
      return outcome.value;
    }
    if (outcome.status === "problem" && outcome.problem.status === 409) say("warning", await whatHappened(alert));
    else say("error", t("alert.failed", { reason: failureText(outcome, t) }));
    return null;
  }

  /** Who did what with an alert meanwhile; the alert is shown as it stands. */
  async function whatHappened(alert: Alert): Promise<string> {
    const fresh = await client.alerts.one(alert.id);
    if (fresh.status !== "ok") return t("alert.conflict");
    board.noteAlert(fresh.value.alert);
    const last = fresh.value.flips.at(-1);
    if (!last || last.revision <= alert.revision) return t("alert.conflict");
    return t("desk.beaten", {
      who: last.actor === "officer" ? last.who : t("alert.evaluator"),
      time: clockTime(Date.parse(last.at), board.zone),
      what: locale.value === "en" ? last.reason.en : last.reason.zh,
      status: t(`status.${last.after}`),
    });
  }

  function newest(alert: Alert): Alert {
    const pushed = board.board?.alerts[alert.id] ?? board.board?.ended.find((one) => one.id === alert.id);
    return pushed && pushed.revision > alert.revision ? pushed : alert;
  }

  function cannotOpen(failure: Failure): void {
    say("error", t("alert.failed", { reason: failureText(failure, t) }));
  }

  return {
    acknowledge: (alert) => act(alert, "acknowledge"),
    dismiss: (alert, reason) => act(alert, "dismiss", { reason }),
    act,
    newest,
    async openReplay(alert) {
      const told = await client.alerts.one(alert.id);
      if (told.status !== "ok") {
        cannotOpen(told);
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
        say("warning", t("alert.noReplay"));
      }
    },
  };
}
