/** Keys of a screen: they rest while somebody types or a dialog is open. */
import { onBeforeUnmount, onMounted } from "vue";

/** What each key does; names as in KeyboardEvent.key, `Shift+` before those held with Shift. */
export type Bindings = Readonly<Record<string, () => void>>;

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

function hasOwnUse(key: string, target: EventTarget | null): boolean {
  // Enter and the space bar press the button or follow the link that has the focus.
  return (key === "Enter" || key === " ") && target instanceof Element && target.closest("button, a, [role=option]") !== null;
}

export function useKeys(bindings: Bindings): void {
  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("[aria-modal=true]:not([hidden])")?.checkVisibility()) return;
    const name = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
    const act = bindings[name] ?? bindings[name.toLowerCase()];
    if (!act || hasOwnUse(event.key, event.target)) return;
    event.preventDefault();
    act();
  }
  onMounted(() => {
    document.addEventListener("keydown", pressed);
  });
  onBeforeUnmount(() => {
    document.removeEventListener("keydown", pressed);
  });
}
