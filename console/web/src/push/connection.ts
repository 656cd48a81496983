/**
 * The one push connection: follows the journal from a `seq`, comes back by itself, loses and repeats nothing.
 *
 * A message is passed on only when its `seq` is greater than the last one; on a reconnect the server is
 * asked for what came after that. `reset` means that the server cannot continue from there: the owner
 * reads the board anew and follows from its `seq`.
 */
import { API } from "@/api/address";

import { backoff, type Backoff } from "./backoff";
import { type Fact, readMessage, type Sighting } from "./messages";

export type ConnectionState =
  | { readonly kind: "stopped" }
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "waiting"; readonly seconds: number };

/** The part of a WebSocket that is used. */
export interface Socket {
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface Listener {
  onFact(fact: Fact): void;
  onSighting(sighting: Sighting): void;
  /** The facts after the last `seq` are not to be had: read the whole again and `follow` anew. */
  onReset(): void;
  onState(state: ConnectionState): void;
  /** The server's clock less this machine's, in milliseconds. */
  onServerTime(offset: number): void;
}

export interface Surroundings {
  readonly open: (after: number) => Socket;
  readonly backoff: Backoff;
  /** No message for so long means that the line is dead: three heartbeats of the server. */
  readonly silenceMs: number;
}

/** Sockets to the console that served this page. */
export function openSocket(after: number): Socket {
  const url = new URL(`${API}/push`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("after", String(after));
  return new WebSocket(url);
}

const BROWSER: Surroundings = { open: openSocket, backoff: backoff(), silenceMs: 30_000 };

export class PushConnection {
  #seq = 0;
  #watched: readonly string[] = [];
  #isGreeted = false;
  #socket: Socket | null = null;
  #again: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  readonly #listener: Listener;
  readonly #around: Surroundings;

  constructor(listener: Listener, around: Surroundings = BROWSER) {
    this.#listener = listener;
    this.#around = around;
  }

  /** The last fact that was passed on. */
  get seq(): number {
    return this.#seq;
  }

  /** Pass on every fact after `seq`, from now on and for ever. */
  follow(seq: number): void {
    this.stop();
    this.#seq = seq;
    this.#connect();
  }

  /** Have the people of these cameras told, in place of those named before. */
  watch(cameras: readonly string[]): void {
    this.#watched = cameras;
    if (this.#isGreeted) this.#wish();
  }

  /** Try again at once, when waiting: the network is back or the page is seen again. */
  hurry(): void {
    if (this.#again === undefined) return;
    clearTimeout(this.#again);
    this.#again = undefined;
    this.#connect();
  }

  stop(): void {
    clearTimeout(this.#again);
    clearTimeout(this.#silence);
    this.#again = undefined;
    this.#drop();
    this.#listener.onState({ kind: "stopped" });
  }

  #connect(): void {
    this.#listener.onState({ kind: "connecting" });
    const socket = this.#around.open(this.#seq);
    this.#socket = socket;
    this.#listen();
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#take(String(event.data));
    };
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #take(text: string): void {
    const message = readMessage(text);
    if (message === null) return;
    this.#listen();
    if (message.kind === "reset") {
      this.stop();
      this.#listener.onReset();
    } else if (message.kind === "hello" || message.kind === "tick") {
      this.#around.backoff.reset();
      this.#listener.onServerTime(Date.parse(message.body.server_time) - Date.now());
      this.#listener.onState({ kind: "live" });
      // With every heartbeat again: a reason that was owed may have been stated, and a camera may be new.
      this.#isGreeted = true;
      if (this.#watched.length > 0) this.#wish();
    } else if (message.kind === "sighting") {
      this.#listener.onSighting(message.body);
    } else if (message.seq > this.#seq) {
      this.#seq = message.seq;
      this.#listener.onFact(message);
    }
  }

  #wish(): void {
    this.#socket?.send(JSON.stringify({ watch: this.#watched }));
  }

  #listen(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#lost();
    }, this.#around.silenceMs);
  }

  #lost(): void {
    clearTimeout(this.#silence);
    this.#drop();
    const seconds = this.#around.backoff.next();
    this.#listener.onState({ kind: "waiting", seconds });
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.#connect();
    }, seconds * 1000);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#isGreeted = false;
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }
}
