/** What an alert is about, in words. */
import type { Alert } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";

export function useSubject(): (alert: Alert) => string {
  const { t, name } = useTexts();
  const store = useBoard();

  return ({ subject: about }) => {
    if (about.serial !== null) return t("alerts.case", { serial: about.serial });
    if (about.ticket_number !== null) return t("alerts.ticket", { number: about.ticket_number });
    if (about.window !== null) return t("window.number", { number: store.windowNumber(about.window) });
    if (about.disk !== null) return about.disk;
    return about.camera === null ? t("announcement.hall") : name(store.cameraName(about.camera));
  };
}
