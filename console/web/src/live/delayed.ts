/**
 * A camera's picture out of its recording, for where WebRTC is not possible: some seconds late, and it says how many.
 *
 * Only closed files can be played, so the picture lags by about the length of one. Loaded on demand.
 */
import type Hls from "hls.js/light";
import type { ErrorData, LevelDetails } from "hls.js/light";

import { cameraPlaylist } from "@/api/records";
import { backoff, type Backoff } from "@/push/backoff";
import { serverNow } from "@/time/now";

export type DelayedProblem = "nothing_recorded" | "forbidden" | "codec" | "unreachable" | "no_player";

/** `behind`: by how much the shown picture is late, in milliseconds; null while nothing is known of it. */
export type DelayedState =
  | { readonly kind: "connecting" }
  | { readonly kind: "delayed"; readonly behind: number | null; readonly isStill: boolean }
  | { readonly kind: "error"; readonly problem: DelayedProblem; readonly seconds: number; readonly since: number | null };

/** What of a playlist's entry is needed to find the place to begin. */
export interface Piece {
  readonly start: number;
  readonly duration: number;
  /** Counts the files: a new one is a discontinuity. */
  readonly cc: number;
  readonly programDateTime: number | null;
}

/** How far back the playlist begins; further when nothing was found. */
const BACK_MS = [3 * 60_000, 30 * 60_000] as const;
/** A playlist is left for a new one before it grows long. */
const LASTS_MS = 30 * 60_000;
/** A closed file is entered and listed so long after its end, at most. */
const MARGIN_MS = 4_000;
const LEAST_BEHIND_MS = 3_000;
const CHECK_MS = 1_000;
const STILL_AFTER_MS = 5_000;
const LOST_AFTER_MS = 30_000;

/**
 * Where to begin so that the next file is there before the last one is over: media time in seconds.
 *
 * Files come as long as the longest of those that are listed. Null for an empty playlist.
 */
export function joinAt(pieces: readonly Piece[], now: number): number | null {
  const last = pieces.at(-1);
  const first = pieces[0];
  if (!last || !first || last.programDateTime === null) return null;
  const files = new Map<number, number>();
  for (const { cc, duration } of pieces) files.set(cc, (files.get(cc) ?? 0) + duration * 1000);
  const longest = Math.max(...files.values());
  const age = now - (last.programDateTime + last.duration * 1000);
  const kept = Math.max(LEAST_BEHIND_MS, longest + MARGIN_MS - Math.max(0, age));
  return Math.max(first.start, last.start + last.duration - kept / 1000);
}

export class DelayedPicture {
  #hls: Hls | null = null;
  #isStopped = false;
  #attempt = 0;
  #back = 0;
  #movedAt = 0;
  #hasShown = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #check: ReturnType<typeof setInterval> | undefined;
  readonly #camera: string;
  readonly #video: HTMLVideoElement;
  readonly #say: (state: DelayedState) => void;
  readonly #backoff: Backoff;

  constructor(camera: string, video: HTMLVideoElement, say: (state: DelayedState) => void, waits = backoff(2, 30)) {
    this.#camera = camera;
    this.#video = video;
    this.#say = say;
    this.#backoff = waits;
  }

  start(): void {
    this.#say({ kind: "connecting" });
    void this.#play();
  }

  stop(): void {
    this.#isStopped = true;
    this.#attempt += 1;
    clearTimeout(this.#again);
    this.#close();
  }

  async #play(): Promise<void> {
    this.#attempt += 1;
    const mine = this.#attempt;
    const { default: Player, ErrorDetails, ErrorTypes, Events } = await import("hls.js/light");
    if (mine !== this.#attempt) return;
    this.#close();
    if (!Player.isSupported()) {
      this.#fail("no_player");
      return;
    }
    const hls = new Player({ autoStartLoad: true, startPosition: 0, maxBufferLength: 30, backBufferLength: 10, enableWorker: true });
    this.#hls = hls;
    let hasJoined = false;
    hls.on(Events.LEVEL_UPDATED, (_event, { details }) => {
      if (!hasJoined) hasJoined = this.#join(details);
    });
    hls.on(Events.ERROR, (_event, data) => {
      if (!data.fatal || mine !== this.#attempt) return;
      const { details, type } = data;
      const isCodec = details === ErrorDetails.BUFFER_ADD_CODEC_ERROR || details === ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR;
      if (isCodec) this.#fail("codec");
      else if (type === ErrorTypes.MEDIA_ERROR && this.#hasShown) hls.recoverMediaError();
      else this.#failed(data);
    });
    this.#video.addEventListener("ended", this.#anew);
    const now = serverNow();
    const from = new Date(now - (BACK_MS[this.#back] ?? BACK_MS[0])).toISOString();
    hls.loadSource(cameraPlaylist(this.#camera, from, new Date(now + LASTS_MS).toISOString()));
    hls.attachMedia(this.#video);
    // Refused only where a page may not play by itself; the picture is muted, and so it may.
    this.#video.play().catch(() => undefined);
    this.#watch();
    this.#again = setTimeout(this.#anew, LASTS_MS);
  }

  /** Begin with a playlist from now on. */
  readonly #anew = (): void => {
    clearTimeout(this.#again);
    if (!this.#isStopped) void this.#play();
  };

  #join(details: LevelDetails): boolean {
    const at = joinAt(details.fragments, serverNow());
    if (at === null) return false;
    this.#video.currentTime = at;
    return true;
  }

  /** Once a second: how late the picture is, and whether it moves. */
  #watch(): void {
    this.#movedAt = Date.now();
    let before = this.#video.currentTime;
    this.#check = setInterval(() => {
      const at = this.#video.currentTime;
      const shown = this.#hls?.playingDate?.getTime() ?? null;
      if (at !== before && this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && shown !== null) {
        before = at;
        this.#movedAt = Date.now();
        this.#hasShown = true;
        this.#backoff.reset();
        this.#say({ kind: "delayed", behind: serverNow() - shown, isStill: false });
        return;
      }
      const still = Date.now() - this.#movedAt;
      if (still >= LOST_AFTER_MS) this.#fail("unreachable");
      else if (still >= STILL_AFTER_MS && this.#hasShown) {
        this.#say({ kind: "delayed", behind: shown === null ? null : serverNow() - shown, isStill: true });
      }
    }, CHECK_MS);
  }

  #failed({ response }: ErrorData): void {
    if (response?.code === 404) {
      this.#back = Math.min(this.#back + 1, BACK_MS.length - 1);
      this.#fail("nothing_recorded");
    } else this.#fail(response?.code === 403 ? "forbidden" : "unreachable");
  }

  #fail(problem: DelayedProblem): void {
    this.#attempt += 1;
    const since = this.#hasShown ? serverNow() - (Date.now() - this.#movedAt) : null;
    this.#close();
    clearTimeout(this.#again);
    const seconds = this.#backoff.next();
    this.#say({ kind: "error", problem, seconds, since });
    if (problem !== "no_player") this.#again = setTimeout(this.#anew, seconds * 1000);
  }

  #close(): void {
    clearInterval(this.#check);
    this.#video.removeEventListener("ended", this.#anew);
    this.#hls?.destroy();
    this.#hls = null;
  }
}
