/** Alerts of which one alert of their hall tells, as alerts/inhibition.py has it: shown under that one. */
import type { Alert } from "@/api/facts";

const COVERED_BY: Partial<Record<Alert["kind"], Alert["kind"]>> = { overlong_wait: "long_queue" };

export interface Covered {
  readonly alert: Alert;
  /** Those of which it tells, in their order. */
  readonly covers: readonly Alert[];
}

export interface Placed {
  readonly alert: Alert;
  /** Whether it stands under the one that tells of it. */
  readonly isUnder: boolean;
  /** Of how many others it tells. */
  readonly covers: number;
}

const stands = (alert: Alert): boolean => alert.status === "open" || alert.status === "acknowledged";

/**
 * A list of alerts of any status, those that stand put under the standing one that tells of them.
 *
 * They are left out unless that one is in `unfolded`; `kept` (somebody followed a link to it) never is.
 */
export function folded(alerts: readonly Alert[], unfolded: ReadonlySet<string>, kept: string | null): Placed[] {
  const under = new Map(covered(alerts.filter(stands)).map((one) => [one.alert.id, one.covers]));
  const isCovered = new Set([...under.values()].flat().map((one) => one.id));
  return alerts
    .filter((alert) => !isCovered.has(alert.id))
    .flatMap((alert) => {
      const covers = under.get(alert.id) ?? [];
      const shown = covers.filter((one) => unfolded.has(alert.id) || one.id === kept);
      return [
        { alert, isUnder: false, covers: covers.length },
        ...shown.map((one) => ({ alert: one, isUnder: true, covers: 0 })),
      ];
    });
}

/** The alerts in their order, each that another one tells of under the first such one. */
export function covered(alerts: readonly Alert[]): Covered[] {
  const cover = (alert: Alert): Alert | undefined =>
    alerts.find((other) => other.kind === COVERED_BY[alert.kind] && other.subject.hall === alert.subject.hall);
  return alerts
    .filter((alert) => cover(alert) === undefined)
    .map((alert) => ({ alert, covers: alerts.filter((other) => cover(other) === alert) }));
}
