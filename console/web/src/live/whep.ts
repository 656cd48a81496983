/**
 * A live picture by WHEP: receives a camera's picture and sound, and comes back by itself.
 *
 * The offer does not wait long for this side's addresses: the server's, in the answer, are enough to find a way in
 * the hall's own network (no ICE servers). Only where no way was found all of them are gathered first.
 * A picture that stands still is said to be stale, and connected anew when it stays so.
 */
import { client } from "@/api/client";
import type { LiveAnswer } from "@/api/live";
import type { Outcome } from "@/api/outcome";
import { backoff, type Backoff } from "@/push/backoff";
import { serverNow } from "@/time/now";

import { connecting } from "./turns";

/** Why there is no live picture. `blocked`: the server answered, and no way to it was found. */
export type LiveProblem =
  | "unreachable" | "not_found" | "role_absent" | "no_source" | "refused" | "media_lost" | "no_picture" | "unsupported" | "not_live" | "blocked";

/** `since`: when the last picture was shown, by the server's clock; null when there was none. */
export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "playing" }
  | { readonly kind: "stale"; readonly since: number | null }
  | { readonly kind: "error"; readonly problem: LiveProblem; readonly seconds: number; readonly since: number | null };

/** The part of a peer connection that is used. */
export interface Peer {
  readonly iceGatheringState: RTCIceGatheringState;
  readonly connectionState: RTCPeerConnectionState;
  readonly localDescription: { readonly sdp: string } | null;
  ontrack: ((event: RTCTrackEvent) => void) | null;
  onconnectionstatechange: ((event: Event) => void) | null;
  onicegatheringstatechange: ((event: Event) => void) | null;
  addTransceiver(kind: "video" | "audio", options: { direction: "recvonly" }): unknown;
  createOffer(): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(description: RTCSessionDescriptionInit): Promise<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  close(): void;
}

export interface Surroundings {
  readonly peer: (() => Peer) | null;
  readonly offer: (camera: string, sdp: string) => Promise<Outcome<LiveAnswer>>;
  readonly end: (session: string) => Promise<Outcome<undefined>>;
  readonly backoff: Backoff;
  /** Waits for a turn to connect, and gives back how it is ended. */
  readonly turn: () => Promise<() => void>;
}

function browser(): Surroundings {
  return {
    peer: typeof RTCPeerConnection === "undefined" ? null : () => new RTCPeerConnection({ iceServers: [] }),
    offer: (camera, sdp) => client.live.offer(camera, sdp),
    end: (session) => client.live.end(session),
    backoff: backoff(1, 10),
    turn: connecting,
  };
}

const GATHERING_MS = { first: 40, afterBlock: 2_000 };
const CHECK_MS = 1_000;
const STALE_AFTER_MS = 3_000;
const LOST_AFTER_MS = 6_000;

export interface LiveScreen {
  onState(state: LiveState): void;
  onStream(stream: MediaStream): void;
  /** A way to the server was found; pictures follow. */
  onConnected?(): void;
}

export class LiveConnection {
  #peer: Peer | null = null;
  #session = "";
  #attempt = 0;
  #framesAt = 0;
  #hasShown = false;
  #hasConnected = false;
  #wasBlocked = false;
  #again: ReturnType<typeof setTimeout> | undefined;
  #check: ReturnType<typeof setInterval> | undefined;
  #state: LiveState["kind"] | null = null;
  readonly #camera: string;
  readonly #screen: LiveScreen;
  readonly #around: Surroundings;

  constructor(camera: string, screen: LiveScreen, around: Surroundings = browser()) {
    this.#camera = camera;
    this.#screen = screen;
    this.#around = around;
  }

  start(): void {
    void this.#connect();
  }

  /** End it for good: nothing is reported any more. */
  stop(): void {
    this.#attempt += 1;
    clearTimeout(this.#again);
    this.#close();
  }

  /** A picture has been shown: the screen calls this for each frame. */
  frameShown(): void {
    this.#framesAt = Date.now();
    this.#hasShown = this.#hasConnected = true;
    if (this.#state !== "connecting" && this.#state !== "stale") return;
    this.#around.backoff.reset();
    this.#say({ kind: "playing" });
  }

  async #connect(): Promise<void> {
    this.#attempt += 1;
    const mine = this.#attempt;
    const isOver = (): boolean => mine !== this.#attempt;
    this.#say({ kind: "connecting" });
    if (!this.#around.peer) {
      this.#fail("unsupported");
      return;
    }
    const endTurn = await this.#around.turn();
    if (isOver()) {
      endTurn();
      return;
    }
    try {
      await this.#offer(this.#around.peer(), isOver);
    } catch {
      if (!isOver()) this.#fail("media_lost");
    } finally {
      endTurn();
    }
  }

  async #offer(peer: Peer, isOver: () => boolean): Promise<void> {
    this.#peer = peer;
    this.#hasConnected = false;
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    peer.ontrack = (event) => {
      const stream = event.streams[0];
      if (!isOver() && stream) this.#screen.onStream(stream);
    };
    peer.onconnectionstatechange = () => {
      if (isOver()) return;
      if (peer.connectionState === "connected" && !this.#hasConnected) {
        this.#hasConnected = true;
        this.#screen.onConnected?.();
      } else if (peer.connectionState === "failed" || peer.connectionState === "closed") {
        this.#fail(this.#hasConnected ? "media_lost" : "blocked");
      }
    };
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer, this.#wasBlocked ? GATHERING_MS.afterBlock : GATHERING_MS.first);
    if (isOver()) return;
    const answer = await this.#around.offer(this.#camera, peer.localDescription?.sdp ?? "");
    if (isOver()) {
      if (answer.status === "ok") void this.#around.end(answer.value.session);
      return;
    }
    if (answer.status !== "ok") {
      this.#fail(problemOf(answer));
      return;
    }
    this.#session = answer.value.session;
    await peer.setRemoteDescription({ type: "answer", sdp: answer.value.sdp });
    if (isOver()) return;
    const connectedAt = Date.now();
    if (!this.#hasShown) this.#framesAt = connectedAt;
    this.#check = setInterval(() => {
      this.#watch(Math.max(connectedAt, this.#framesAt));
    }, CHECK_MS);
  }

  #watch(movedAt: number): void {
    const still = Date.now() - movedAt;
    if (still >= LOST_AFTER_MS) {
      if (!this.#hasConnected) this.#fail("blocked");
      else this.#fail(this.#state === "connecting" ? "no_picture" : "media_lost");
    } else if (still >= STALE_AFTER_MS && this.#state === "playing") {
      this.#say({ kind: "stale", since: this.#shownLast() });
    }
  }

  /** When the last picture was shown, by the server's clock. */
  #shownLast(): number | null {
    return this.#hasShown ? serverNow() - (Date.now() - this.#framesAt) : null;
  }

  #fail(problem: LiveProblem): void {
    this.#attempt += 1;
    this.#wasBlocked = problem === "blocked";
    this.#close();
    const seconds = this.#around.backoff.next();
    this.#say({ kind: "error", problem, seconds, since: this.#shownLast() });
    if (problem === "unsupported") return;
    this.#again = setTimeout(() => void this.#connect(), seconds * 1000);
  }

  #close(): void {
    clearInterval(this.#check);
    const peer = this.#peer;
    this.#peer = null;
    // The farewell first: a connection that is closed ends the view before it can be said who ended it.
    if (this.#session) void this.#around.end(this.#session).then(() => peer?.close());
    else peer?.close();
    this.#session = "";
  }

  #say(state: LiveState): void {
    this.#state = state.kind;
    this.#screen.onState(state);
  }
}

function gathered(peer: Peer, longest: number): Promise<void> {
  return new Promise((resolve) => {
    if (peer.iceGatheringState === "complete") {
      resolve();
      return;
    }
    const limit = setTimeout(resolve, longest);
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(limit);
      resolve();
    };
  });
}

function problemOf(answer: Exclude<Outcome<LiveAnswer>, { status: "ok" }>): LiveProblem {
  if (answer.status === "unreachable") return "unreachable";
  if (answer.problem.status === 404) return "not_found";
  if (answer.problem.status === 422) return "not_live";
  if (answer.problem.status !== 503) return "refused";
  return "reason" in answer.problem ? "no_source" : "role_absent";
}
