/** How an act on an alert is taken back, as far as the life of an alert lets it. Pure. */
import type { ActionMembers, Alert, AlertAction } from "@/api/facts";

export interface Undo {
  /** The alert as the act left it: when it has changed since, it is not undone. */
  readonly alert: Alert;
  readonly action: AlertAction;
  readonly members: ActionMembers;
}

/** What takes an act back, or null for what cannot be. `reason` is what reopening owes. */
export function undoOf(action: AlertAction, before: Alert, after: Alert, reason: string): Undo | null {
  switch (action) {
    case "assign":
      return { alert: after, action: "assign", members: { assignee: before.assignee } };
    case "acknowledge":
    case "dismiss":
    case "snooze":
      return { alert: after, action: "reopen", members: { reason } };
    case "comment":
    case "reopen":
      return null;
  }
}
