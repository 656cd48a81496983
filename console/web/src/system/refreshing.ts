/** Reading again every few seconds, while somebody can see the page. */
import { onScopeDispose, watch } from "vue";

import { usePageVisible } from "@/live/visible";

/** Read now and every so many milliseconds; a page that comes back into sight is read at once. */
export function readEvery(milliseconds: number, read: () => Promise<void>): void {
  const isVisible = usePageVisible();
  let isReading = false;

  async function turn(): Promise<void> {
    // A slow answer is waited for: asking a busy server twice makes it no faster.
    if (isReading || !isVisible.value) return;
    isReading = true;
    await read();
    isReading = false;
  }

  const timer = setInterval(() => void turn(), milliseconds);
  watch(isVisible, () => void turn());
  onScopeDispose(() => {
    clearInterval(timer);
  });
  void turn();
}
