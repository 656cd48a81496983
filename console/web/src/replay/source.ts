/** What is replayed, and from where: a transaction, or a camera around a moment. Pure. */
import { cameraPlaylist, transactionPlaylist } from "@/api/records";
import type { TransactionReplay } from "@/api/facts";

/** A stretch of time in milliseconds since 1970. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A playlist, and the time that it is about. */
export interface Playlist {
  readonly url: string;
  readonly window: Stretch;
}

const MINUTE = 60_000;
/** Playlists of a camera begin at multiples of this, so that the same ones are asked for again. */
const GRID = 10 * MINUTE;
const LENGTH = 40 * MINUTE;
/** Before a moment there is at least so much of it in the playlist: who looks at something looks back. */
const BEFORE = 2 * MINUTE;
/** A longer transaction is played in parts: its playlist would be long in coming. */
const LONGEST_WHOLE = 90 * MINUTE;

export function boundsOf(replay: TransactionReplay): Stretch {
  return { from: Date.parse(replay.from), to: Date.parse(replay.to) };
}

/** Where a camera is played from around a moment: the playlist of the transaction, where that shows it. */
export function playlistAround(camera: string, wall: number, transaction: TransactionReplay | null): Playlist {
  if (transaction !== null) {
    const window = boundsOf(transaction);
    const isShown = transaction.cameras.some((one) => one.camera === camera);
    const isWithin = wall >= window.from && wall < window.to && window.to - window.from <= LONGEST_WHOLE;
    if (isShown && isWithin) return { url: transactionPlaylist(transaction.transaction.id, camera), window };
  }
  const from = Math.floor((wall - BEFORE) / GRID) * GRID;
  const window = { from, to: from + LENGTH };
  return { url: cameraPlaylist(camera, new Date(window.from).toISOString(), new Date(window.to).toISOString()), window };
}
