/** Light or dark: as the system has it, until somebody chooses. */
import { readonly, ref } from "vue";

export type Theme = "auto" | "light" | "dark";

const KEPT_AS = "hallwatch.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const kept = localStorage.getItem(KEPT_AS);
const chosen = ref<Theme>(kept === "light" || kept === "dark" ? kept : "auto");
/** A screen that is dark whatever was chosen: a wall. */
const forced = ref(false);
/** Grows with every change of the colours, for what draws them itself. */
const painted = ref(0);

function paint(): void {
  const isDark = forced.value || chosen.value === "dark" || (chosen.value === "auto" && system.matches);
  document.documentElement.classList.toggle("dark", isDark);
  painted.value += 1;
}

export function startTheme(): void {
  system.addEventListener("change", paint);
  paint();
}

/** Be dark for as long as a screen asks for it. */
export function forceDark(isForced: boolean): void {
  forced.value = isForced;
  paint();
}

export function useTheme() {
  return {
    theme: readonly(chosen),
    painted: readonly(painted),
    setTheme: (theme: Theme): void => {
      chosen.value = theme;
      localStorage.setItem(KEPT_AS, theme);
      paint();
    },
  };
}
