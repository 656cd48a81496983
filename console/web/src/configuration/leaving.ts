/** Asks before what was typed is lost: on the way to another screen or another one of a list, and when the page closes. */
import { onBeforeUnmount, onMounted } from "vue";
import { onBeforeRouteLeave, onBeforeRouteUpdate } from "vue-router";

import { confirmed } from "@/administration/confirm";
import { useTexts } from "@/messages/text";

/** `isChanged` says whether something would be lost now. Returns the question, for ways out that are no address. */
export function useLeaving(isChanged: () => boolean): () => Promise<boolean> {
  const { t } = useTexts();

  function mayLeave(): Promise<boolean> {
    if (!isChanged()) return Promise.resolve(true);
    return confirmed(t("configuration.discard"), t("configuration.leave"), t("configuration.stay"));
  }
  function keep(event: BeforeUnloadEvent): void {
    if (isChanged()) event.preventDefault();
  }
  onBeforeRouteLeave(mayLeave);
  onBeforeRouteUpdate((to, from) => to.fullPath === from.fullPath || mayLeave());
  onMounted(() => {
    addEventListener("beforeunload", keep);
  });
  onBeforeUnmount(() => {
    removeEventListener("beforeunload", keep);
  });
  return mayLeave;
}
