import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { LiveAnswer } from "@/api/live";
import type { Outcome } from "@/api/outcome";
import { backoff } from "@/push/backoff";

import { LiveConnection, type LiveState, type Peer } from "./whep";

/** A peer connection that gathers at once and does what the test says. */
class FakePeer implements Peer {
  iceGatheringState: RTCIceGatheringState = "new";
  connectionState: RTCPeerConnectionState = "new";
  localDescription: { sdp: string } | null = null;
  ontrack: Peer["ontrack"] = null;
  onconnectionstatechange: Peer["onconnectionstatechange"] = null;
  onicegatheringstatechange: Peer["onicegatheringstatechange"] = null;
  readonly receives: string[] = [];
  answered = "";
  isClosed = false;

  addTransceiver(kind: string, { direction }: { direction: string }): void {
    this.receives.push(`${kind} ${direction}`);
  }

  createOffer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: "offer", sdp: "offer" });
  }

  setLocalDescription(): Promise<void> {
    this.localDescription = { sdp: "offer with addresses" };
    queueMicrotask(() => {
      this.iceGatheringState = "complete";
      this.onicegatheringstatechange?.(new Event("icegatheringstatechange"));
    });
    return Promise.resolve();
  }

  setRemoteDescription({ sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    this.answered = sdp;
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }

  connect(): void {
    this.connectionState = "connected";
    this.onconnectionstatechange?.(new Event("connectionstatechange"));
  }

  fail(): void {
    this.connectionState = "failed";
    this.onconnectionstatechange?.(new Event("connectionstatechange"));
  }
}

const refused = (status: number, members: object = {}): Outcome<LiveAnswer> => ({
  status: "problem",
  problem: { type: "about:blank", title: "", status, detail: "", errors: [], ...members },
});

describe("a live picture", () => {
  let peers: FakePeer[];
  let offers: string[];
  let ended: string[];
  let states: LiveState[];
  let answers: Outcome<LiveAnswer>[];
  let live: LiveConnection;

  beforeEach(() => {
    vi.useFakeTimers();
    peers = [];
    offers = [];
    ended = [];
    states = [];
    answers = [];
    live = new LiveConnection(
      "c1",
      { onState: (state) => states.push(state), onStream: () => undefined },
      {
        peer: () => {
          const peer = new FakePeer();
          peers.push(peer);
          return peer;
        },
        offer: (camera, sdp) => {
          offers.push(`${camera}: ${sdp}`);
          return Promise.resolve(answers.shift() ?? { status: "ok", value: { sdp: "answer", session: `/s${offers.length}` } });
        },
        end: (session) => {
          ended.push(session);
          return Promise.resolve({ status: "ok", value: undefined });
        },
        backoff: backoff(1, 10, () => 1),
        turn: () => Promise.resolve(() => undefined),
      },
    );
  });

  afterEach(() => {
    live.stop();
    vi.useRealTimers();
  });

  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  it("offers to receive picture and sound once its addresses are gathered, and plays", async () => {
    live.start();
    await pass(0);
    expect(peers[0]?.receives).toEqual(["video recvonly", "audio recvonly"]);
    expect(offers).toEqual(["c1: offer with addresses"]);
    expect(peers[0]?.answered).toBe("answer");
    live.frameShown();
    expect(states.map((state) => state.kind)).toEqual(["connecting", "playing"]);
  });

  it("says that the picture stands still, and that it moves again", async () => {
    live.start();
    await pass(0);
    live.frameShown();
    const shown = Date.now();
    await pass(4_000);
    expect(states.at(-1)).toEqual({ kind: "stale", since: shown });
    live.frameShown();
    expect(states.at(-1)).toEqual({ kind: "playing" });
  });

  it("connects anew when the picture stays still, and ends the old session", async () => {
    live.start();
    await pass(0);
    live.frameShown();
    await pass(7_000);
    expect(states.some((state) => state.kind === "error" && state.problem === "media_lost")).toBe(true);
    expect(peers[0]?.isClosed).toBe(true);
    expect(ended).toEqual(["/s1"]);
    await pass(1_000);
    expect(offers).toHaveLength(2);
  });

  it("says why it cannot connect, and waits longer each time", async () => {
    answers = [refused(503), refused(503, { reason: "stalled" }), { status: "unreachable" }];
    live.start();
    await pass(10_000);
    const errors = states.filter((state) => state.kind === "error");
    expect(errors.map((state) => state.problem)).toEqual(["role_absent", "no_source", "unreachable"]);
    expect(errors.map((state) => state.seconds)).toEqual([1, 2, 4]);
    expect(offers).toHaveLength(4);
  });

  it("connects anew when the connection fails, and says since when it was lost", async () => {
    live.start();
    await pass(0);
    peers[0]?.connect();
    live.frameShown();
    const shown = Date.now();
    await pass(500);
    peers[0]?.fail();
    expect(states.at(-1)).toEqual({ kind: "error", problem: "media_lost", seconds: 1, since: shown });
    await pass(1_000);
    expect(peers).toHaveLength(2);
  });

  it("says that no way was found when it fails before it was ever connected", async () => {
    live.start();
    await pass(0);
    peers[0]?.fail();
    await pass(1_000);
    expect(peers).toHaveLength(2);
    await pass(7_000);
    const problems = states.map((state) => state.kind === "error" && state.problem).filter(Boolean);
    expect(problems).toEqual(["blocked", "blocked"]);
  });

  it("says that the camera's codec cannot be shown live", async () => {
    answers = [refused(422)];
    live.start();
    await pass(0);
    expect(states.at(-1)).toMatchObject({ kind: "error", problem: "not_live", since: null });
  });

  it("says that no picture came", async () => {
    live.start();
    await pass(0);
    peers[0]?.connect();
    await pass(7_000);
    expect(states.some((state) => state.kind === "error" && state.problem === "no_picture")).toBe(true);
  });

  it("ends its session when it is stopped, even while the answer is under way", async () => {
    live.start();
    await Promise.resolve();
    expect(peers).toHaveLength(1);
    live.stop();
    await pass(60_000);
    expect(peers).toHaveLength(1);
    expect(states).toEqual([{ kind: "connecting" }]);
    expect(peers[0]?.isClosed).toBe(true);
  });
});
