/** Which cameras show what an alert is about, the best one first. Pure. */
import type { Alert, CameraView } from "@/api/facts";

export type Zone = CameraView["zones"][number];

/** What of a window a kind of alert is seen in; kinds that are missing are seen anywhere. */
const SEEN_IN: Partial<Record<Alert["kind"], Zone["role"]>> = {
  absence: "staff",
  overlong_pause: "staff",
  unattended_customer: "customer",
  called_not_served: "customer",
  overlong_wait: "waiting",
  long_queue: "waiting",
  crowding: "waiting",
};

/** The zones of a camera that concern an alert: those of its window, or those it is seen in where it has none. */
export function zonesOf(alert: Alert, camera: CameraView): Zone[] {
  const { window } = alert.subject;
  return camera.zones.filter((zone) => (window === null ? zone.role === SEEN_IN[alert.kind] : zone.window === window));
}

/**
 * The cameras of an alert.
 *
 * Those that found it come first, then those that have the right zone of its window, then the others of the window.
 */
export function camerasOf(alert: Alert, cameras: readonly CameraView[]): CameraView[] {
  const { window, camera: about } = alert.subject;
  const rank = (camera: CameraView): number => {
    const hasRole = zonesOf(alert, camera).some((zone) => zone.role === SEEN_IN[alert.kind]);
    if (camera.id === about) return 0;
    if (alert.cameras.includes(camera.id)) return hasRole ? 1 : 2;
    if (window === null) return hasRole ? 3 : Infinity;
    if (!camera.windows.includes(window)) return Infinity;
    return hasRole ? 3 : 4;
  };
  return cameras
    .map((camera) => ({ camera, rank: rank(camera) }))
    .filter((one) => one.rank < Infinity)
    .sort((a, b) => a.rank - b.rank)
    .map((one) => one.camera);
}

/** A polygon as SVG has it, in a picture of 1000 by 1000. */
export function pointsOf(zone: Zone): string {
  return zone.polygon.map((corner) => corner.map((place) => Math.round(place * 1000)).join(",")).join(" ");
}
