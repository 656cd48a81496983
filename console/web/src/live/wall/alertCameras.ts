/** The cameras of an alert: those that it names, and those of its window. */
import { client } from "@/api/client";
import type { Outcome } from "@/api/outcome";
import type { Alert, CameraView } from "@/api/facts";

export function camerasOf(alert: Pick<Alert, "cameras" | "subject">, cameras: readonly CameraView[]): string[] {
  const { window, camera } = alert.subject;
  const named = [...alert.cameras, ...(camera === null ? [] : [camera])];
  const ofWindow = window === null ? [] : cameras.filter((one) => one.windows.includes(window)).map((one) => one.id);
  const within = new Set(cameras.map((one) => one.id));
  return [...new Set([...named, ...ofWindow])].filter((id) => within.has(id));
}

export async function readAlert(id: string): Promise<Outcome<Alert>> {
  const told = await client.alerts.one(id);
  return told.status === "ok" ? { status: "ok", value: told.value.alert } : told;
}
