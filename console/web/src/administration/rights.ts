/** What can be given to users and machines, in the order in which it is offered. */
import type { Permission, Role } from "@/api/facts";

export const ROLES: readonly Role[] = ["officer", "investigator", "manager", "administrator", "auditor"];

export const PERMISSIONS: readonly Permission[] = [
  "board",
  "alerts",
  "alerts_comment",
  "alerts_act",
  "silence",
  "announce",
  "live",
  "replay",
  "sound",
  "search",
  "lock",
  "evidence",
  "export",
  "queue",
  "notifiers",
  "cameras",
  "rules",
  "roster",
  "configure",
  "users",
  "system",
  "audit",
];

export const SCOPES = ["queue-events", "board", "alerts", "search", "rules"] as const;
