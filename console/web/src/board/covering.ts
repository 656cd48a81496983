/** Alerts of which one alert of their hall tells, as alerts/inhibition.py has it: shown under that one. */
import type { Alert } from "@/api/facts";

const COVERED_BY: Partial<Record<Alert["kind"], Alert["kind"]>> = { overlong_wait: "long_queue" };

export interface Covered {
  readonly alert: Alert;
  /** Those of which it tells, in their order. */
  readonly covers: readonly Alert[];
}

/** The alerts in their order, each that another one tells of under the first such one. */
export function covered(alerts: readonly Alert[]): Covered[] {
  const cover = (alert: Alert): Alert | undefined =>
    alerts.find((other) => other.kind === COVERED_BY[alert.kind] && other.subject.hall === alert.subject.hall);
  return alerts
    .filter((alert) => cover(alert) === undefined)
    .map((alert) => ({ alert, covers: alerts.filter((other) => cover(other) === alert) }));
}
