/** The first steps of a hall, out of what is there: which are done, and where each is done. Pure. */
import type { RouteLocationRaw } from "vue-router";

import type { Guide } from "@/api/facts";
import type { Values } from "@/messages/text";

export const STEPS = ["cameras", "zones", "places", "queue", "rules", "users"] as const;
export type StepKey = (typeof STEPS)[number];

export interface Step {
  readonly key: StepKey;
  readonly isDone: boolean;
  /** What is there, for the text of the step. */
  readonly values: Values;
  /** Screens at which it is done, the best first: not all of them need to exist. */
  readonly at: readonly (RouteLocationRaw & { readonly name: string })[];
}

export function steps(guide: Guide): readonly Step[] {
  const { cameras, zones, places, queue, rules, users } = guide;
  const first = zones.camera;
  return [
    {
      key: "cameras",
      isDone: cameras.done,
      values: { n: cameras.cameras, recorded: cameras.recorded },
      at: [{ name: cameras.cameras === 0 ? "admin-camera-new" : "admin-cameras" }],
    },
    {
      key: "zones",
      isDone: zones.done,
      values: { n: zones.windows_unseen },
      at: [first === null ? { name: "admin-cameras" } : { name: "admin-zones", params: { camera: first } }],
    },
    { key: "places", isDone: places.done, values: { windows: places.windows, units: places.units, staff: places.staff }, at: [{ name: "admin-windows" }] },
    { key: "queue", isDone: queue.done, values: { keys: queue.keys + queue.asked }, at: [{ name: "admin-keys" }] },
    {
      key: "rules",
      isDone: rules.done,
      values: { rules: rules.rules, notifiers: rules.notifiers, tried: rules.tried },
      at: rules.rules === 0 ? [{ name: "admin-rules" }, { name: "admin-notifiers" }] : [{ name: "admin-notifiers" }, { name: "admin-rules" }],
    },
    { key: "users", isDone: users.done, values: { n: users.others }, at: [{ name: "admin-users" }] },
  ];
}

/** The step to do next: the first that is not done. */
export function nextOf(all: readonly Step[]): StepKey | null {
  return all.find(({ isDone }) => !isDone)?.key ?? null;
}
