/** What each zone of a camera shows now: pure, out of the board. */
import type { CameraView, Presence } from "@/api/facts";
import type { BoardState } from "@/board/fold";
import type { SymbolName } from "@/shell/symbols";

export type ZoneTone = "there" | "leaving" | "away" | "nobody" | "counted" | "unknown";

/** What is said of a zone. */
export type ZoneWord = "on_post" | "leaving" | "absent" | "customer" | "no_customer" | "counted" | "not_counted" | "unknown";

export interface ZoneState {
  readonly id: string;
  readonly role: "staff" | "customer" | "waiting";
  readonly window: string | null;
  readonly polygon: readonly (readonly [number, number])[];
  readonly tone: ZoneTone;
  readonly word: ZoneWord;
  /** People counted in a waiting zone. */
  readonly people: number | null;
}

/** The shape beside the word, so that no state is told by its colour alone. */
export const ZONE_SYMBOLS: Readonly<Record<ZoneTone, SymbolName>> = {
  there: "check",
  leaving: "paused",
  away: "absent",
  nobody: "closed",
  counted: "long_queue",
  unknown: "unknown",
};

/** Beyond this nothing holds that a camera has seen. */
export const BLIND_AFTER_MS = 30_000;

const WORDS: Readonly<Record<ZoneWord, ZoneTone>> = {
  on_post: "there",
  leaving: "leaving",
  absent: "away",
  customer: "there",
  no_customer: "nobody",
  counted: "counted",
  not_counted: "unknown",
  unknown: "unknown",
};
/** A customer's place is empty without anybody being missed. */
const CUSTOMER: Readonly<Record<Presence, ZoneWord>> = { on_post: "customer", leaving: "customer", absent: "no_customer", unknown: "unknown" };

/** The zones of a camera. `isBlind`: analysis has not looked for a while, and nothing is known of any. */
export function zoneStates(camera: CameraView, board: BoardState, isBlind: boolean): ZoneState[] {
  return camera.zones.map((zone) => {
    const place = `${camera.id}/${zone.id}`;
    const window = zone.window ?? null;
    const word = isBlind ? (zone.role === "waiting" ? "not_counted" : "unknown") : wordOf(zone.role, place, window, board);
    const people = word === "counted" ? (board.people[place] ?? null) : null;
    return { id: zone.id, role: zone.role, window, polygon: zone.polygon, tone: WORDS[word], word, people };
  });
}

function wordOf(role: ZoneState["role"], place: string, window: string | null, board: BoardState): ZoneWord {
  if (role === "waiting") return typeof board.people[place] === "number" ? "counted" : "not_counted";
  if (role === "customer") return CUSTOMER[board.customers[place] ?? "unknown"];
  const sight = board.windows.find((row) => row.window.id === window)?.sights[place];
  return sight === undefined || sight.isStale ? "unknown" : sight.presence;
}

/** Where the label of a zone begins: the top left of its bounds. */
export function labelPlace(polygon: ZoneState["polygon"]): readonly [number, number] {
  return [Math.min(...polygon.map(([x]) => x)), Math.min(...polygon.map(([, y]) => y))];
}

/** Whether analysis has lost sight of a camera: it looked last too long ago, or never. */
export function isBlind(lastSeen: string | null | undefined, now: number): boolean {
  return lastSeen == null || now - Date.parse(lastSeen) > BLIND_AFTER_MS;
}
