/** What is replayed: a transaction with everything known about it, or a stretch of one camera. */
import { cameraPlaylist, client, type Outcome, transactionPlaylist } from "@/api/client";
import type { Alert, CameraRecord, Gap, Interval, Observation, Period, Ticket, Transaction, TransactionReplay } from "@/api/facts";

export interface ReplaySource {
  /** Bounds in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly cameras: readonly CameraRecord[];
  readonly periods: readonly Period[];
  readonly alerts: readonly Alert[];
  readonly observations: readonly Observation[];
  readonly transaction: Transaction | null;
  readonly ticket: Ticket | null;
  playlist(camera: string): string;
}

/** A transaction as the server put it together. */
export function sourceOfTransaction(replay: TransactionReplay): ReplaySource {
  const { transaction, ticket, cameras, periods, alerts, observations } = replay;
  return {
    from: Date.parse(replay.from),
    to: Date.parse(replay.to),
    cameras,
    periods,
    alerts,
    observations,
    transaction,
    ticket,
    playlist: (camera) => transactionPlaylist(transaction.id, camera),
  };
}

export async function readTransaction(id: string): Promise<Outcome<ReplaySource>> {
  const told = await client.transaction(id);
  return told.status === "ok" ? { status: "ok", value: sourceOfTransaction(told.value) } : told;
}

/** A stretch of one camera: what it recorded, what was seen in it, and the alerts that name it. */
export async function readCamera(camera: string, from: string, to: string): Promise<Outcome<ReplaySource>> {
  const [segments, observations, alerts] = await Promise.all([
    client.segments(camera, from, to),
    client.observations({ camera, from, to }),
    client.alerts({ from, to }),
  ]);
  if (segments.status !== "ok") return segments;
  const bounds = { from: Date.parse(from), to: Date.parse(to) };
  const record: CameraRecord = { camera, segments: segments.value.items, gaps: [] };
  return {
    status: "ok",
    value: {
      ...bounds,
      cameras: [record],
      periods: [],
      alerts: alerts.status === "ok" ? alerts.value.items.filter((alert) => alert.cameras.includes(camera)) : [],
      observations: observations.status === "ok" ? observations.value.items : [],
      transaction: null,
      ticket: null,
      playlist: () => cameraPlaylist(camera, from, to),
    },
  };
}

/** A stretch in milliseconds. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** An interval within bounds, or null when it lies outside. What still goes on lasts to the end of the bounds. */
export function within(interval: Interval, bounds: Stretch): Stretch | null {
  const from = Math.max(Date.parse(interval.start), bounds.from);
  const to = Math.min(interval.end === null ? bounds.to : Date.parse(interval.end), bounds.to);
  return to > from ? { from, to } : null;
}

/** The recorded stretches, joined where one file follows the other within a second. */
export function recorded(record: CameraRecord, bounds: Stretch): Stretch[] {
  const joined: Stretch[] = [];
  const stretches = record.segments
    .map((segment) => within(segment.interval, bounds))
    .filter((stretch) => stretch !== null)
    .sort((a, b) => a.from - b.from);
  for (const stretch of stretches) {
    const last = joined.at(-1);
    if (last && stretch.from - last.to <= 1000) joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, stretch.to) };
    else joined.push(stretch);
  }
  return joined;
}

/** The gap at a moment, if the recorder noted one. */
export function gapAt(record: CameraRecord | undefined, at: number): Gap | null {
  return (
    record?.gaps.find(({ interval }) => Date.parse(interval.start) <= at && (interval.end === null || at < Date.parse(interval.end))) ?? null
  );
}
