/**
 * A live picture by WHEP: receives a camera's picture and sound, and comes back by itself.
 *
 * The offer is sent once all addresses are gathered (no trickle, no ICE servers: the hall's own network).
 * A picture that stands still is said to be stale, and connected anew when it stays so.
 */
import { client, type LiveAnswer, type Outcome } from "@/api/client";
import { backoff, type Backoff } from "@/push/backoff";

export type LiveProblem = "unreachable" | "not_found" | "role_absent" | "refused" | "media_lost" | "no_picture" | "unsupported";

export type LiveState =
  | { readonly kind: "connecting" }
  | { readonly kind: "playing" }
  | { readonly kind: "stale" }
  | { readonly kind: "error"; readonly problem: LiveProblem; readonly seconds: number };

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
}

function browser(): Surroundings {
  return {
    peer: typeof RTCPeerConnection === "undefined" ? null : () => new RTCPeerConnection({ iceServers: [] }),
    offer: (camera, sdp) => client.offerLive(camera, sdp),
    end: (session) => client.endLive(session),
    backoff: backoff(1, 10),
  };
}

const GATHERING_MS = 2_000;
const CHECK_MS = 1_000;
const STALE_AFTER_MS = 3_000;
const LOST_AFTER_MS = 12_000;

export interface LiveScreen {
  onState(state: LiveState): void;
  onStream(stream: MediaStream): void;
}

export class LiveConnection {
  #peer: Peer | null = null;
  #session = "";
  #attempt = 0;
  #framesAt = 0;
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
    const peer = this.#around.peer();
    this.#peer = peer;
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addTransceiver("audio", { direction: "recvonly" });
    peer.ontrack = (event) => {
      const stream = event.streams[0];
      if (!isOver() && stream) this.#screen.onStream(stream);
    };
    peer.onconnectionstatechange = () => {
      if (!isOver() && (peer.connectionState === "failed" || peer.connectionState === "closed")) this.#fail("media_lost");
    };
    try {
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer);
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
      this.#framesAt = Date.now();
      this.#check = setInterval(() => {
        this.#watch();
      }, CHECK_MS);
    } catch {
      if (!isOver()) this.#fail("media_lost");
    }
  }

  #watch(): void {
    const still = Date.now() - this.#framesAt;
    if (still >= LOST_AFTER_MS) this.#fail(this.#state === "connecting" ? "no_picture" : "media_lost");
    else if (still >= STALE_AFTER_MS && this.#state === "playing") this.#say({ kind: "stale" });
  }

  #fail(problem: LiveProblem): void {
    this.#attempt += 1;
    this.#close();
    const seconds = this.#around.backoff.next();
    this.#say({ kind: "error", problem, seconds });
    if (problem === "unsupported") return;
    this.#again = setTimeout(() => void this.#connect(), seconds * 1000);
  }

  #close(): void {
    clearInterval(this.#check);
    this.#peer?.close();
    this.#peer = null;
    if (this.#session) void this.#around.end(this.#session);
    this.#session = "";
  }

  #say(state: LiveState): void {
    this.#state = state.kind;
    this.#screen.onState(state);
  }
}

function gathered(peer: Peer): Promise<void> {
  return new Promise((resolve) => {
    if (peer.iceGatheringState === "complete") {
      resolve();
      return;
    }
    const limit = setTimeout(resolve, GATHERING_MS);
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
  return answer.problem.status === 503 ? "role_absent" : "refused";
}
