/**
 * One camera's present picture in a video element: live where that is possible, else late out of the recording.
 *
 * Late is said to be late. While no way for WebRTC is found, it is tried again every two minutes behind the late
 * picture, which goes on until the live one has a way.
 */
import { computed, onBeforeUnmount, onMounted, ref, type Ref, shallowRef, watch } from "vue";

import { DelayedPicture, type DelayedProblem, type DelayedState } from "./delayed";
import { usePageVisible } from "./visible";
import { LiveConnection, type LiveProblem, type LiveScreen } from "./whep";

/** Why the picture comes out of the recording. */
export type LateBecause = "no_webrtc" | "no_way" | "codec";

export type PictureState =
  | { readonly kind: "paused" }
  | { readonly kind: "connecting" }
  | { readonly kind: "playing" }
  | { readonly kind: "delayed"; readonly behind: number | null; readonly because: LateBecause; readonly isStill: boolean }
  | { readonly kind: "stale"; readonly since: number | null }
  | { readonly kind: "error"; readonly problem: LiveProblem | DelayedProblem; readonly seconds: number; readonly since: number | null };

/** Attempts in a row that found no way before the picture is taken from the recording. */
const BLOCKED_BEFORE_LATE = 2;
const TRY_LIVE_AGAIN_MS = 120_000;

export interface PictureOf {
  readonly camera: Ref<string>;
  /** False where the camera's codec cannot be shown live. */
  readonly isLive: Ref<boolean>;
  /** False while nobody can see it on the page. */
  readonly isWatched: Ref<boolean>;
  readonly video: Readonly<Ref<HTMLVideoElement | null>>;
}

/** Something that gives a picture until it is stopped. */
interface Running {
  start(): void;
  stop(): void;
}

/** Where pictures come from. */
export interface Sources {
  readonly live: (camera: string, screen: LiveScreen) => Running & { frameShown(): void };
  readonly late: (camera: string, video: HTMLVideoElement, say: (state: DelayedState) => void) => Running;
}

const SOURCES: Sources = {
  live: (camera, screen) => new LiveConnection(camera, screen),
  late: (camera, video, say) => new DelayedPicture(camera, video, say),
};

export function useLivePicture({ camera, isLive, isWatched, video }: PictureOf, sources: Sources = SOURCES) {
  const state = shallowRef<PictureState>({ kind: "connecting" });
  /** True once this camera has shown a picture: it stays under what is said of it. */
  const hasPicture = ref(false);
  /** The sound that comes with a live picture. */
  const stream = shallowRef<MediaStream | null>(null);
  /** Width over height of the picture. */
  const ratio = ref(16 / 9);
  const isVisible = usePageVisible();
  const isShown = computed(() => isVisible.value && isWatched.value);
  let live: ReturnType<Sources["live"]> | null = null;
  let late: Running | null = null;
  let trial: Running | null = null;
  let trying: ReturnType<typeof setInterval> | undefined;
  let blocked = 0;

  function stop(): void {
    clearInterval(trying);
    for (const one of [live, late, trial]) one?.stop();
    live = late = trial = null;
    stream.value = null;
  }

  function detach(): void {
    if (video.value?.srcObject) video.value.srcObject = null;
  }

  /** What a live connection does to the screen, as long as it is the one that counts. */
  function screenOf(isMine: () => boolean): LiveScreen {
    return {
      onState: (next) => {
        if (!isMine()) return;
        if (next.kind === "error" && goesLate(next.problem)) return;
        state.value = next;
        if (next.kind === "playing") {
          hasPicture.value = true;
          blocked = 0;
        }
      },
      onStream: (next) => {
        const element = video.value;
        if (!element || !isMine()) return;
        stream.value = next;
        if (element.srcObject !== next) element.srcObject = next;
        countFrames(element, isMine);
        // Refused only where a page may not play by itself; the picture is muted, and so it may.
        element.play().catch(() => undefined);
      },
    };
  }

  function countFrames(element: HTMLVideoElement, isMine: () => boolean): void {
    element.requestVideoFrameCallback(() => {
      if (!isMine()) return;
      if (element.videoHeight > 0) ratio.value = element.videoWidth / element.videoHeight;
      live?.frameShown();
      countFrames(element, isMine);
    });
  }

  function begin(): void {
    stop();
    if (!isShown.value) {
      state.value = { kind: "paused" };
      return;
    }
    if (!isLive.value) {
      beginLate("codec");
      return;
    }
    const mine: ReturnType<Sources["live"]> = sources.live(camera.value, screenOf(() => live === mine));
    live = mine;
    mine.start();
  }

  /** Whether a problem is one that waiting does not mend; the recording is then shown instead. */
  function goesLate(problem: LiveProblem): boolean {
    if (problem === "blocked") blocked += 1;
    const because = problem === "unsupported" ? "no_webrtc" : problem === "not_live" ? "codec" : blocked >= BLOCKED_BEFORE_LATE ? "no_way" : null;
    if (because === null) return false;
    beginLate(because);
    return true;
  }

  function beginLate(because: LateBecause): void {
    const element = video.value;
    stop();
    detach();
    if (!element) return;
    const mine: Running = sources.late(camera.value, element, (next) => {
      if (late !== mine) return;
      if (element.videoHeight > 0) ratio.value = element.videoWidth / element.videoHeight;
      if (next.kind === "delayed") hasPicture.value = true;
      state.value = next.kind === "delayed" ? { ...next, because } : next;
    });
    late = mine;
    mine.start();
    if (because === "no_way") trying = setInterval(tryLive, TRY_LIVE_AGAIN_MS);
  }

  /** Look behind the late picture whether there is a way now. */
  function tryLive(): void {
    trial?.stop();
    let came: MediaStream | null = null;
    const screen = screenOf(() => live === mine);
    const mine: ReturnType<Sources["live"]> = sources.live(camera.value, {
      onState: (next) => {
        screen.onState(next);
        if (trial !== mine || next.kind !== "error") return;
        mine.stop();
        trial = null;
      },
      onStream: (next) => {
        came = next;
        screen.onStream(next);
      },
      onConnected: () => {
        if (trial !== mine) return;
        trial = null;
        stop();
        blocked = 0;
        live = mine;
        if (came) screen.onStream(came);
      },
    });
    trial = mine;
    mine.start();
  }

  onMounted(begin);
  watch([camera, isLive, isShown], ([now], [before]) => {
    if (now !== before) {
      hasPicture.value = false;
      blocked = 0;
      detach();
    }
    begin();
  });
  onBeforeUnmount(() => {
    stop();
    detach();
  });

  return { state, hasPicture, stream, ratio };
}
