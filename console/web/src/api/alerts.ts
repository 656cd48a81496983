import { address } from "./address";
import { Calls } from "./connection";
import type {
  ActionMembers,
  Alert,
  AlertAction,
  AlertDetail,
  AlertKind,
  AlertPage,
  AlertStatus,
  Announcement,
  AnnouncementRequest,
  FalseAlarmRate,
  Notifications,
  Page,
  RuleVersion,
  Silence,
  SilenceRequest,
  TrialView,
} from "./facts";
import type { Outcome } from "./outcome";

export interface AlertQuery {
  readonly hall?: string;
  readonly status?: AlertStatus;
  readonly kind?: AlertKind;
  readonly window?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

/** Alerts and what decides about them: rules, silences, announcements, notifiers. */
export class AlertCalls extends Calls {
  all(query: AlertQuery): Promise<Outcome<AlertPage>> {
    return this.connection.json("GET", address("/alerts", { ...query }));
  }

  one(id: string): Promise<Outcome<AlertDetail>> {
    return this.connection.json("GET", address(`/alerts/${encodeURIComponent(id)}`));
  }

  /** Change an alert as it was seen at `revision`; a problem 409 says that it has changed since. */
  act(id: string, action: AlertAction, revision: number, members: ActionMembers = {}): Promise<Outcome<Alert>> {
    return this.connection.json("POST", address(`/alerts/${encodeURIComponent(id)}/actions`), { action, revision, ...members });
  }

  /** What a rule said in each of its versions, the oldest first. */
  ruleVersions(hall: string, rule: string): Promise<Outcome<{ readonly items: readonly RuleVersion[] }>> {
    return this.connection.json("GET", address(`/halls/${encodeURIComponent(hall)}/rules/${encodeURIComponent(rule)}/versions`));
  }

  /** The names of those to whom an alert can be given. */
  assignees(): Promise<Outcome<Page<string>>> {
    return this.connection.json("GET", address("/alerts/assignees"));
  }

  falseAlarmRates(hall: string, from: string, to: string): Promise<Outcome<Page<FalseAlarmRate>>> {
    return this.connection.json("GET", address("/alerts/false-alarm-rate", { hall, from, to }));
  }

  /** The silences of a hall that hold now or will hold. */
  silences(hall: string): Promise<Outcome<Page<Silence>>> {
    return this.connection.json("GET", address("/silences", { hall, holding: "true" }));
  }

  addSilence(asked: SilenceRequest): Promise<Outcome<Silence>> {
    return this.connection.json("POST", address("/silences"), asked);
  }

  endSilence(id: string): Promise<Outcome<Silence>> {
    return this.connection.json("DELETE", address(`/silences/${encodeURIComponent(id)}`));
  }

  /** The announcements of a hall that are in force or will be. */
  announcements(hall: string): Promise<Outcome<Page<Announcement>>> {
    return this.connection.json("GET", address("/announcements", { hall, holding: "true" }));
  }

  addAnnouncement(asked: AnnouncementRequest): Promise<Outcome<Announcement>> {
    return this.connection.json("POST", address("/announcements"), asked);
  }

  endAnnouncement(id: string): Promise<Outcome<Announcement>> {
    return this.connection.json("POST", address(`/announcements/${encodeURIComponent(id)}/end`));
  }

  /** Where each notifier stands, and what was refused for good. */
  notifications(): Promise<Outcome<Notifications>> {
    return this.connection.json("GET", address("/notifications"));
  }

  /** Have a trial message sent; `notifications` tells what became of it. */
  tryNotifier(id: string): Promise<Outcome<TrialView>> {
    return this.connection.json("POST", address(`/notifiers/${encodeURIComponent(id)}/test`));
  }
}
