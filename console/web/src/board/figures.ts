/** What the board says of its windows and of the hall: pure readings of a BoardState. */
import type { Alert, Presence } from "@/api/facts";

import type { BoardState, Sight, WindowRow } from "./fold";

/** How a window is shown. `absent`: attended by the queue system, but nobody is seen there. */
export type WindowFace = "serving" | "open" | "paused" | "closed" | "absent" | "unknown";

/** Seconds within which two zones must have lost somebody to have seen the same person leave. */
const TOGETHER = 10;

/**
 * What all staff zones of a window say together, as hall/fused_presence.py has it.
 *
 * Somebody whom one shows is there. While one is blind, another is believed that nobody is there only if it
 * had seen, too, whoever was seen there last. Unknown is since the last of them went blind.
 */
export function sightOf(row: WindowRow): Pick<Sight, "presence" | "since"> | null {
  const sights = Object.values(row.sights);
  if (sights.length === 0) return null;
  const presence = fused(sights);
  const since = sights
    .filter((sight) => sight.presence === presence)
    .map((sight) => sight.since)
    .sort((a, b) => Date.parse(a) - Date.parse(b));
  return { presence, since: (presence === "unknown" ? since.at(-1) : since[0]) ?? "" };
}

function fused(sights: readonly Sight[]): Presence {
  const told = new Set(sights.map((sight) => sight.presence));
  if (told.has("on_post")) return "on_post";
  const blind = sights.filter((sight) => sight.presence === "unknown");
  const isBelieved = sights.some((sight) => sight.presence !== "unknown" && blind.every((other) => sawTheLast(sight, other)));
  if (!isBelieved) return "unknown";
  return told.has("leaving") ? "leaving" : "absent";
}

function sawTheLast(sight: Sight, blind: Sight): boolean {
  if (sight.lastOnPost === null) return false;
  if (blind.lastOnPost === null) return true;
  const together = Math.max(TOGETHER, 2 * sight.sampleEvery, 2 * blind.sampleEvery);
  return Date.parse(sight.lastOnPost) >= Date.parse(blind.lastOnPost) - together * 1000;
}

/** The standing alerts about a window. */
export function alertsOf(state: BoardState, window: string): Alert[] {
  return Object.values(state.alerts).filter((alert) => alert.subject.window === window);
}

/** True when every camera that shows the window is without a picture. */
function isBlind(state: BoardState, row: WindowRow): boolean {
  const healths = row.cameras.map((camera) => state.cameras[camera]).filter((health) => health !== undefined);
  return healths.length > 0 && healths.every((health) => health.gap !== null);
}

/** How a window is shown, and since when it is so. */
export function faceOf(state: BoardState, row: WindowRow): { face: WindowFace; since: string | null } {
  const { status } = row;
  if (status === null || status.state === "closed") return { face: "closed", since: status?.interval.start ?? null };
  if (status.state === "paused") return { face: "paused", since: status.interval.start };
  const sight = sightOf(row);
  if (isBlind(state, row)) {
    const gap = row.cameras.map((camera) => state.cameras[camera]?.gap).find((found) => found);
    return { face: "unknown", since: gap?.interval.start ?? null };
  }
  if (sight?.presence === "unknown") return { face: "unknown", since: sight.since };
  const absence = alertsOf(state, row.window.id).find((alert) => alert.kind === "absence" && alert.interval.end === null);
  if (sight?.presence === "absent" || (absence && sight?.presence !== "on_post")) {
    return { face: "absent", since: absence?.interval.start ?? sight?.since ?? null };
  }
  return { face: status.state === "serving" ? "serving" : "open", since: status.interval.start };
}

/** When the permitted time of a window's pause is over, in milliseconds since 1970; null without a permitted pause. */
export function pauseEnds(state: BoardState, row: WindowRow): number | null {
  const { status } = row;
  if (status?.state !== "paused" || status.reason === null) return null;
  const seconds = state.allowedPauses[status.reason];
  return seconds === undefined ? null : Date.parse(status.interval.start) + seconds * 1000;
}

export interface Figures {
  readonly waiting: number;
  readonly longestSince: string | null;
  /** People counted in the waiting zones; null when no zone is counted or one cannot be. */
  readonly people: number | null;
  readonly windowsAtWork: number;
  readonly windows: number;
  readonly alerts: number;
  readonly alertsOpen: number;
  readonly camerasRecording: number;
  readonly cameras: number;
}

/** The figures of the whole hall. */
export function figuresOf(state: BoardState): Figures {
  const waiting = Object.values(state.waiting);
  const counts = Object.values(state.people);
  const people = counts.length === 0 || counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
  const alerts = Object.values(state.alerts);
  const cameras = Object.values(state.cameras);
  return {
    waiting: waiting.length,
    longestSince: waiting.map((ticket) => ticket.waiting_since).sort((a, b) => Date.parse(a) - Date.parse(b))[0] ?? null,
    people,
    windowsAtWork: state.windows.filter((row) => row.status?.state === "open" || row.status?.state === "serving").length,
    windows: state.windows.length,
    alerts: alerts.length,
    alertsOpen: alerts.filter((alert) => alert.status === "open" && alert.snoozed_until === null).length,
    camerasRecording: cameras.filter((health) => health.recording).length,
    cameras: cameras.length,
  };
}

const WEIGHT = { serious: 0, warning: 1, attention: 2 } as const;

/** Standing alerts as the officer works through them: not yet acknowledged first, snoozed last, then by weight and age. */
export function inOrder(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      Number(a.snoozed_until !== null) - Number(b.snoozed_until !== null) ||
      Number(a.status !== "open") - Number(b.status !== "open") ||
      WEIGHT[a.severity] - WEIGHT[b.severity] ||
      Date.parse(b.opened_at) - Date.parse(a.opened_at),
  );
}
