/** The server's present, once a second, for everything on the screen that counts. */
import { onScopeDispose, readonly, type Ref, ref } from "vue";

let offset = 0;
let users = 0;
let timer: ReturnType<typeof setInterval> | undefined;
const now = ref(Date.now());

/** The server's clock less this machine's, in milliseconds. */
export function setServerOffset(milliseconds: number): void {
  // Within the way of a message the two agree: no reason to make timers jump.
  if (Math.abs(milliseconds - offset) > 500) offset = milliseconds;
}

/** The server's present at this very moment, in milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + offset;
}

/** The server's present, renewed each second while a component uses it. */
export function useNow(): Readonly<Ref<number>> {
  users += 1;
  now.value = serverNow();
  timer ??= setInterval(() => {
    now.value = serverNow();
  }, 1000);
  onScopeDispose(() => {
    users -= 1;
    if (users > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  return readonly(now);
}
