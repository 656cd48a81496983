// @vitest-environment node
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

import { backoff } from "./backoff";
import { type ConnectionState, PushConnection, type Socket } from "./connection";
import type { Fact, Sighting } from "./messages";

/** A console that keeps a journal and pushes it over real sockets, as the contract says. */
class Journal {
  readonly server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  readonly asked: number[] = [];
  readonly heard: string[] = [];
  readonly seqs: number[] = [];
  oldest = 0;

  constructor() {
    this.server.on("connection", (socket, request) => {
      const after = Number(new URL(request.url ?? "", "http://console").searchParams.get("after"));
      this.asked.push(after);
      socket.on("message", (data: Buffer) => this.heard.push(data.toString()));
      const last = this.seqs.at(-1) ?? 0;
      const at = "2026-03-02T01:00:00Z";
      if (after < this.oldest) {
        socket.send(JSON.stringify({ kind: "reset", seq: last, at, body: { server_time: at } }));
        return;
      }
      socket.send(JSON.stringify({ kind: "hello", seq: last, at, body: { server_time: at } }));
      for (const seq of this.seqs) if (seq > after) socket.send(this.#fact(seq));
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  append(seq: number): void {
    this.seqs.push(seq);
    this.say(this.#fact(seq));
  }

  say(text: string): void {
    for (const socket of this.server.clients) socket.send(text);
  }

  cut(): void {
    for (const socket of this.server.clients) socket.terminate();
  }

  #fact(seq: number): string {
    return JSON.stringify({ seq, kind: "role", at: "2026-03-02T01:00:00Z", body: {} });
  }
}

describe("the push connection", () => {
  let journal: Journal;
  let facts: Fact[];
  let states: ConnectionState[];
  let sightings: Sighting[];
  let resets: number;
  let connection: PushConnection;

  beforeEach(async () => {
    journal = new Journal();
    await new Promise((resolve) => journal.server.once("listening", resolve));
    facts = [];
    states = [];
    sightings = [];
    resets = 0;
    connection = connect(5_000);
  });

  function connect(silenceMs: number): PushConnection {
    return new PushConnection(
      {
        onFact: (fact) => facts.push(fact),
        onSighting: (sighting) => sightings.push(sighting),
        onReset: () => (resets += 1),
        onState: (state) => states.push(state),
        onServerTime: () => undefined,
      },
      {
        open: (after) => {
          const socket = new WebSocket(`ws://127.0.0.1:${journal.port}/?after=${after}`);
          // A browser tells of a socket that was closed too early by an event; this one throws if nobody listens.
          socket.on("error", () => undefined);
          return socket as unknown as Socket;
        },
        backoff: backoff(0.01, 0.05),
        silenceMs,
      },
    );
  }

  afterEach(() => {
    connection.stop();
    journal.cut();
    journal.server.close();
  });

  const seqs = (): number[] => facts.map((fact) => fact.seq);
  const soon = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 5 });

  it("passes on what came after the seq it was given", async () => {
    for (const seq of [1, 2, 3]) journal.append(seq);
    connection.follow(1);
    await soon(() => {
      expect(seqs()).toEqual([2, 3]);
    });
    journal.append(4);
    await soon(() => {
      expect(seqs()).toEqual([2, 3, 4]);
    });
    expect(states.at(-1)).toEqual({ kind: "live" });
  });

  it("resumes after the last seq when the line was cut, without loss or repeat", async () => {
    journal.append(1);
    connection.follow(0);
    await soon(() => {
      expect(seqs()).toEqual([1]);
    });
    journal.cut();
    journal.append(2);
    journal.append(3);
    await soon(() => {
      expect(seqs()).toEqual([1, 2, 3]);
    });
    expect(journal.asked).toEqual([0, 1]);
    expect(states.some((state) => state.kind === "waiting")).toBe(true);
  });

  it("drops what it has passed on already", async () => {
    connection.follow(0);
    await soon(() => {
      expect(states.at(-1)).toEqual({ kind: "live" });
    });
    journal.append(7);
    journal.append(7);
    journal.append(6);
    journal.append(8);
    await soon(() => {
      expect(seqs()).toEqual([7, 8]);
    });
  });

  it("stops and says so when the server cannot continue from there", async () => {
    journal.oldest = 10;
    connection.follow(3);
    await soon(() => {
      expect(resets).toBe(1);
    });
    expect(states.at(-1)).toEqual({ kind: "stopped" });
    expect(journal.asked).toEqual([3]);
  });

  it("takes silence for a dead line and connects again", async () => {
    connection = connect(50);
    connection.follow(0);
    await soon(() => {
      expect(journal.asked.length).toBeGreaterThanOrEqual(2);
    });
  });

  it("says which cameras are watched, at once, after every reconnect and with every heartbeat", async () => {
    connection.watch(["c1"]);
    connection.follow(0);
    const wishes = (): unknown[] => journal.heard.map((text) => JSON.parse(text) as unknown);
    await soon(() => {
      expect(wishes()).toEqual([{ watch: ["c1"] }]);
    });
    connection.watch(["c2", "c3"]);
    journal.cut();
    await soon(() => {
      expect(wishes().at(-1)).toEqual({ watch: ["c2", "c3"] });
    });
    const before = wishes().length;
    journal.say('{"kind":"tick","seq":0,"body":{"server_time":"2026-03-02T01:00:00Z"}}');
    await soon(() => {
      expect(wishes().length).toBe(before + 1);
    });
    connection.watch([]);
    await soon(() => {
      expect(wishes().at(-1)).toEqual({ watch: [] });
    });
    journal.say('{"kind":"sighting","at":"2026-03-02T01:00:00Z","body":{"camera":"c1","at":"2026-03-02T01:00:00Z","zones":[]}}');
    await soon(() => {
      expect(sightings.map(({ camera }) => camera)).toEqual(["c1"]);
    });
    expect(facts).toEqual([]);
  });

  it("survives frames that are no messages", async () => {
    connection.follow(0);
    await soon(() => {
      expect(states.at(-1)).toEqual({ kind: "live" });
    });
    journal.say("not json");
    journal.say('{"kind":5}');
    journal.append(1);
    await soon(() => {
      expect(seqs()).toEqual([1]);
    });
  });
});

describe("the back-off", () => {
  it("doubles up to its limit, with half of it left to chance", () => {
    const low = backoff(1, 8, () => 0);
    const high = backoff(1, 8, () => 1);
    expect([1, 2, 3, 4, 5].map(() => low.next())).toEqual([0.5, 1, 2, 4, 4]);
    expect([1, 2, 3, 4, 5].map(() => high.next())).toEqual([1, 2, 4, 8, 8]);
  });

  it("begins anew after a success", () => {
    const waits = backoff(1, 8, () => 1);
    waits.next();
    waits.next();
    waits.reset();
    expect(waits.next()).toBe(1);
  });
});
