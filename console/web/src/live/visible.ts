/** Whether anybody can see this page. A short look at another tab changes nothing. */
import { onScopeDispose, readonly, type Ref, ref } from "vue";

const GRACE_MS = 5_000;

export function usePageVisible(grace = GRACE_MS): Readonly<Ref<boolean>> {
  const isVisible = ref(document.visibilityState === "visible");
  let leaving: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    clearTimeout(leaving);
    if (document.visibilityState === "visible") {
      isVisible.value = true;
      return;
    }
    leaving = setTimeout(() => {
      isVisible.value = false;
    }, grace);
  }

  document.addEventListener("visibilitychange", look);
  onScopeDispose(() => {
    clearTimeout(leaving);
    document.removeEventListener("visibilitychange", look);
  });
  return readonly(isVisible);
}
