import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, defineComponent, h, ref } from "vue";

import type { DelayedState } from "./delayed";
import { type Sources, useLivePicture } from "./picture";
import type { LiveScreen, LiveState } from "./whep";

/** What stands in for a connection: it does what the test says, and remembers whether it runs. */
class FakeLive {
  isRunning = false;
  frames = 0;
  constructor(readonly camera: string, readonly screen: LiveScreen) {}
  start(): void {
    this.isRunning = true;
    this.screen.onState({ kind: "connecting" });
  }
  stop(): void {
    this.isRunning = false;
  }
  frameShown(): void {
    this.frames += 1;
  }
  fail(problem: Extract<LiveState, { kind: "error" }>["problem"]): void {
    this.screen.onState({ kind: "error", problem, seconds: 1, since: null });
  }
}

class FakeLate {
  isRunning = false;
  constructor(readonly camera: string, readonly say: (state: DelayedState) => void) {}
  start(): void {
    this.isRunning = true;
    this.say({ kind: "connecting" });
  }
  stop(): void {
    this.isRunning = false;
  }
}

describe("the picture of a camera", () => {
  const camera = ref("c1");
  const isLive = ref(true);
  const isWatched = ref(true);
  let lives: FakeLive[];
  let lates: FakeLate[];
  let picture: ReturnType<typeof useLivePicture>;
  let app: ReturnType<typeof createApp>;

  const latest = (): FakeLive => lives.at(-1) ?? expect.fail("no live connection");
  const sources: Sources = {
    live: (of, screen) => {
      const made = new FakeLive(of, screen);
      lives.push(made);
      return made;
    },
    late: (of, _video, say) => {
      const made = new FakeLate(of, say);
      lates.push(made);
      return made;
    },
  };

  beforeEach(() => {
    vi.useFakeTimers();
    [camera.value, isLive.value, isWatched.value] = ["c1", true, true];
    lives = [];
    lates = [];
    const video = ref<HTMLVideoElement | null>(document.createElement("video"));
    app = createApp(
      defineComponent(() => {
        picture = useLivePicture({ camera, isLive, isWatched, video }, sources);
        return () => h("div");
      }),
    );
    app.mount(document.createElement("div"));
  });

  afterEach(() => {
    app.unmount();
    vi.useRealTimers();
  });

  const settle = (ms = 0): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  it("is live where that is possible", () => {
    latest().screen.onState({ kind: "playing" });
    expect(picture.state.value).toEqual({ kind: "playing" });
    expect(picture.hasPicture.value).toBe(true);
  });

  it("comes out of the recording at once where the browser has no WebRTC, and says so", () => {
    latest().fail("unsupported");
    expect(latest().isRunning).toBe(false);
    lates[0]?.say({ kind: "delayed", behind: 14_000, isStill: false });
    expect(picture.state.value).toEqual({ kind: "delayed", behind: 14_000, isStill: false, because: "no_webrtc" });
  });

  it("comes out of the recording when no way was found twice, but not for what waiting mends", () => {
    latest().fail("role_absent");
    latest().fail("media_lost");
    latest().fail("blocked");
    expect(lates).toHaveLength(0);
    latest().fail("blocked");
    expect(lates).toHaveLength(1);
  });

  it("counts anew after a picture was shown", () => {
    latest().fail("blocked");
    latest().screen.onState({ kind: "playing" });
    latest().fail("blocked");
    expect(lates).toHaveLength(0);
  });

  it("is live again when a way is found behind the late one, which goes on until then", async () => {
    latest().fail("blocked");
    latest().fail("blocked");
    await settle(120_000);
    expect(lives).toHaveLength(2);
    latest().fail("blocked");
    expect(latest().isRunning).toBe(false);
    expect(lates[0]?.isRunning).toBe(true);
    await settle(120_000);
    expect(lives).toHaveLength(3);
    latest().screen.onConnected?.();
    expect(lates[0]?.isRunning).toBe(false);
    latest().screen.onState({ kind: "playing" });
    expect(picture.state.value).toEqual({ kind: "playing" });
    await settle(240_000);
    expect(lives).toHaveLength(3);
  });

  it("is never asked for live where the camera's codec cannot be shown so", async () => {
    isLive.value = false;
    await settle();
    expect(lives.filter((one) => one.isRunning)).toHaveLength(0);
    expect(lates[0]?.isRunning).toBe(true);
  });

  it("is paused while nobody can see it, and goes on afterwards", async () => {
    isWatched.value = false;
    await settle();
    expect(picture.state.value).toEqual({ kind: "paused" });
    expect(latest().isRunning).toBe(false);
    isWatched.value = true;
    await settle();
    expect(lives).toHaveLength(2);
    expect(latest().isRunning).toBe(true);
  });

  it("is paused when the page is out of sight for a while, not for a short look elsewhere", async () => {
    const sight = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    document.dispatchEvent(new Event("visibilitychange"));
    await settle(4_000);
    expect(picture.state.value.kind).toBe("connecting");
    await settle(2_000);
    expect(picture.state.value.kind).toBe("paused");
    sight.mockReturnValue("visible");
    document.dispatchEvent(new Event("visibilitychange"));
    await settle();
    expect(latest().isRunning).toBe(true);
    sight.mockRestore();
  });

  it("of another camera begins anew", async () => {
    latest().screen.onState({ kind: "playing" });
    camera.value = "c2";
    await settle();
    expect(picture.hasPicture.value).toBe(false);
    expect(lives.map((one) => [one.camera, one.isRunning])).toEqual([["c1", false], ["c2", true]]);
  });

  it("is given up when its place on the screen goes", () => {
    app.unmount();
    expect(lives.every((one) => !one.isRunning)).toBe(true);
  });
});
