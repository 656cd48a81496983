/** What of a package can be made unrecognisable, and whose people stay visible. Pure. */
import type { CameraView, ExportRequest } from "@/api/facts";

export type Redaction = NonNullable<ExportRequest["redaction"]>;
export type Heads = Redaction["heads"];

export const HEADS = ["kept", "by_standers", "all"] as const satisfies readonly Heads[];

/** The windows whose staff or customers one of the cameras shows. */
export function windowsShown(cameras: readonly CameraView[], wanted: readonly string[]): string[] {
  const zones = cameras.filter(({ id }) => wanted.includes(id)).flatMap((camera) => camera.zones);
  const windows = zones.filter(({ role }) => role === "staff" || role === "customer").map(({ window }) => window);
  return [...new Set(windows.filter((window) => window !== null))];
}

/** As the server takes it; null where nothing is redacted. */
export function redactionOf(heads: Heads, windows: readonly string[], mutesSound: boolean): Redaction | null {
  if (heads === "kept" && !mutesSound) return null;
  return { heads, windows: heads === "by_standers" ? [...windows] : [], mutes_sound: mutesSound };
}
