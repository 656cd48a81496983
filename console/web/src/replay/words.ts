/** The words of the lanes, in the language of the screen. */
import { computed, type ComputedRef } from "vue";

import type { QueueMoment } from "@/api/facts";
import { useBoard } from "@/board/store";
import { type MessageKey, useTexts } from "@/messages/text";

import type { LaneWords } from "./timeline/lane";

/** The events that the timeline is told of. */
const MOMENTS: Readonly<Partial<Record<QueueMoment["type"], MessageKey>>> = {
  ticket_called: "moment.ticket_called",
  ticket_no_show: "moment.ticket_no_show",
  ticket_on_hold: "moment.ticket_on_hold",
  ticket_transferred: "moment.ticket_transferred",
  service_started: "moment.service_started",
  service_finished: "moment.service_finished",
  staff_logged_in: "moment.staff_logged_in",
  staff_logged_out: "moment.staff_logged_out",
};

export function useLaneWords(): ComputedRef<LaneWords> {
  const { t, name, locale } = useTexts();
  const store = useBoard();
  const dot = (...parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");
  function lasted(seconds: number): string {
    const minutes = Math.round(seconds / 60);
    if (minutes < 1) return t("player.seconds", { n: Math.round(seconds) });
    if (minutes < 60) return t("player.minutes", { n: minutes });
    return t("player.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
  }
  return computed<LaneWords>(() => ({
    step: (step, staff, ticket) => dot(t(`step.${step}`), ticket, staff === null ? "" : name(store.staffName(staff))),
    moment: ({ type, ticket }) => dot(t(MOMENTS[type] ?? "moment.other"), ticket ?? ""),
    state: (status) => dot(t(`window.${status.state}`), status.reason ? t(`pause.${status.reason}`) : "", status.ticket ?? ""),
    presence: (presence) => t(`presence.${presence}`),
    speech: t("replay.speechOn"),
    unknown: t("replay.unknown"),
    raised: t("replay.raised"),
    level: (decibels, isCalibrated) => `${Math.round(decibels)} ${isCalibrated ? "dB(A)" : "dBFS"}`,
    microphone: (fault) => t(`microphone.${fault}`),
    picture: (fault) => t(`picture.${fault}`),
    alert: (alert) => dot(t(`kind.${alert.kind}`), alert.status === "dismissed" ? t("status.dismissed") : "", locale.value === "en" ? alert.reason.en : alert.reason.zh),
    gap: (reason) => t("replay.gapEvent", { reason: t(`gap.${reason}`) }),
    recorded: t("replay.recording"),
    transactions: (count) => t("player.transactions", { n: count }),
    alerts: (count) => t("player.alerts", { n: count }),
    gaps: (count) => t("player.gaps", { n: count }),
    windowState: (state) => t(`window.${state}`),
    nobodyWhileClosed: t("player.nobodyWhileClosed"),
    judge: (camera, zone) => dot(name(store.cameraName(camera)), zone ?? ""),
    lasting: (what, seconds) => `${what} ${lasted(seconds)}`,
    highest: (decibels, isCalibrated) => t("player.highest", { level: `${Math.round(decibels)} ${isCalibrated ? "dB(A)" : "dBFS"}` }),
  }));
}
