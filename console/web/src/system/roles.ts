/** Processes in the words of people: `capture-1-of-2` is recording. */
import { useTexts } from "@/messages/text";

const ROLES = ["supervisor", "bus", "capture", "analysis", "alerts", "live", "console"] as const;

export type RoleWord = (typeof ROLES)[number] | "other";

export function roleOf(process: string): RoleWord {
  const first = process.split("-")[0];
  return ROLES.find((one) => one === first) ?? "other";
}

/** The share of a process in its role: `1/2`, empty for the only one. */
export function shareOf(process: string): string {
  const found = /-(\d+)-of-(\d+)$/.exec(process);
  return found ? `${found[1] ?? ""}/${found[2] ?? ""}` : "";
}

/** A process by the name of its role; one that no hall has to have keeps its own. */
export function useRoleName(): (process: string) => string {
  const { t } = useTexts();
  return (process) => {
    const role = roleOf(process);
    return role === "other" ? process : [t(`systemRole.${role}`), shareOf(process)].filter(Boolean).join(" ");
  };
}
