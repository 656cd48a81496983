/** Desktop notifications: while the page is in the background a new alert shows outside of it, if that is wanted. */
import { ref, type Ref, watch } from "vue";
import { useRouter } from "vue-router";

import type { Alert } from "@/api/facts";
import { type AlertNews, useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";

export type DesktopState = "on" | "off" | "denied" | "insecure";

const KEPT_AS = "hallwatch.desktop";

/** Whether they are wanted and allowed. Browsers offer them over HTTPS (or on the machine itself) only. */
export function desktopState(): DesktopState {
  if (!window.isSecureContext || !("Notification" in window)) return "insecure";
  if (Notification.permission === "denied") return "denied";
  return localStorage.getItem(KEPT_AS) === "on" && Notification.permission === "granted" ? "on" : "off";
}

/** Ask for them or switch them off; the browser asks the user. */
export async function wantDesktop(isWanted: boolean): Promise<DesktopState> {
  localStorage.setItem(KEPT_AS, isWanted ? "on" : "off");
  if (isWanted && desktopState() === "off") await Notification.requestPermission();
  return desktopState();
}

/** The switch of this browser, for the screen. */
export function useDesktopSwitch(): { readonly state: Ref<DesktopState>; readonly want: (isWanted: boolean) => Promise<void> } {
  const state = ref(desktopState());
  return {
    state,
    want: async (isWanted) => {
      state.value = await wantDesktop(isWanted);
    },
  };
}

/** Whether an alert's news is shown on the desktop: one that is new, while nobody sees the page. */
export function isShown(news: AlertNews | null, isHidden: boolean): news is AlertNews {
  return news?.kind === "new" && isHidden && desktopState() === "on";
}

/** Show what is new, once an alert; a click leads to it. Used once, by the app. */
export function useDesktopNotices(): void {
  const { t, locale } = useTexts();
  const board = useBoard();
  const router = useRouter();

  function show(alert: Alert): void {
    const title = `${t(`severity.${alert.severity}`)} · ${t(`kind.${alert.kind}`)}`;
    const notice = new Notification(title, {
      body: locale.value === "en" ? alert.reason.en : alert.reason.zh,
      tag: alert.id,
      requireInteraction: alert.severity === "serious",
    });
    notice.onclick = () => {
      window.focus();
      notice.close();
      void router.push({ name: "alerts", query: { alert: alert.id } });
    };
  }

  // Each piece of news, not only the last one of a moment.
  watch(
    () => board.news,
    (news) => {
      if (isShown(news, document.visibilityState !== "visible")) show(news.alert);
    },
    { flush: "sync" },
  );
}
