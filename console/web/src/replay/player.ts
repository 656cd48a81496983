/** Plays an HLS playlist in a video element, by wall time. */
import Hls, { type ErrorData, ErrorTypes, Events, type LevelDetails } from "hls.js/light";
import { computed, onBeforeUnmount, ref, type Ref } from "vue";

import { type Fragment, mediaTimeAt, wallTimeAt } from "./walltime";

export const RATES = [0.25, 0.5, 1, 1.5, 2, 4, 8] as const;

export type PlayerState = "idle" | "loading" | "ready" | "error";

/** Failed loads are tried again so many times before the replay is said to have failed. */
const ATTEMPTS = 3;

export function usePlayer(video: Readonly<Ref<HTMLVideoElement | null>>) {
  const state = ref<PlayerState>("idle");
  const isPlaying = ref(false);
  const isMuted = ref(false);
  const hasEnded = ref(false);
  const rate = ref(1);
  /** Wall time of the picture that is shown. */
  const wall = ref<number | null>(null);

  let hls: Hls | null = null;
  let details: LevelDetails | null = null;
  let wanted: number | null = null;
  let failures = 0;
  let frame = 0;

  function fragments(): readonly Fragment[] {
    return details?.fragments ?? [];
  }

  function load(url: string, at: number | null): void {
    close();
    const element = video.value;
    if (!element) return;
    if (!Hls.isSupported()) {
      state.value = "error";
      return;
    }
    state.value = "loading";
    hasEnded.value = false;
    wanted = at;
    failures = 0;
    const mine = new Hls({ startPosition: 0, maxBufferLength: 20, backBufferLength: 60, enableWorker: true });
    hls = mine;
    mine.on(Events.LEVEL_UPDATED, (_event, data) => {
      details = data.details;
      settle();
    });
    mine.on(Events.FRAG_BUFFERED, () => {
      failures = 0;
    });
    mine.on(Events.ERROR, (_event, data) => {
      if (data.fatal) recover(mine, data);
    });
    mine.loadSource(url);
    mine.attachMedia(element);
    play();
  }

  /** Go where somebody wanted to be before the playlist was known. */
  function settle(): void {
    if (wanted === null) return;
    const at = wanted;
    wanted = null;
    seek(at);
  }

  function recover(mine: Hls, data: ErrorData): void {
    failures += 1;
    if (failures > ATTEMPTS) {
      state.value = "error";
      mine.stopLoad();
    } else if (data.type === ErrorTypes.MEDIA_ERROR) {
      mine.recoverMediaError();
    } else if (details === null) {
      // The playlist itself was refused: nothing can be played.
      state.value = "error";
    } else {
      mine.startLoad();
    }
  }

  function close(): void {
    hls?.destroy();
    hls = null;
    details = null;
    state.value = "idle";
  }

  function seek(at: number): void {
    const element = video.value;
    if (!element) return;
    if (details === null) {
      wanted = at;
      return;
    }
    const media = mediaTimeAt(fragments(), at);
    if (media === null) return;
    hasEnded.value = false;
    element.currentTime = media;
    wall.value = wallTimeAt(fragments(), media) ?? at;
  }

  function play(): void {
    const element = video.value;
    if (!element) return;
    element.play().catch((error: unknown) => {
      // A page that nobody has touched yet may only play without sound.
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      isMuted.value = true;
      element.muted = true;
      element.play().catch(() => undefined);
    });
  }

  function pause(): void {
    video.value?.pause();
  }

  function toggle(): void {
    if (isPlaying.value) pause();
    else play();
  }

  function setRate(next: number): void {
    rate.value = next;
    if (video.value) video.value.playbackRate = next;
  }

  function changeRate(by: number): void {
    const at = RATES.findIndex((one) => one === rate.value);
    setRate(RATES[Math.min(Math.max(at + by, 0), RATES.length - 1)] ?? 1);
  }

  function toggleSound(): void {
    isMuted.value = !isMuted.value;
    if (video.value) video.value.muted = isMuted.value;
  }

  function follow(): void {
    const element = video.value;
    if (element && !element.seeking && element.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      wall.value = hls?.playingDate?.getTime() ?? wallTimeAt(fragments(), element.currentTime) ?? wall.value;
    }
    frame = requestAnimationFrame(follow);
  }
  follow();

  onBeforeUnmount(() => {
    cancelAnimationFrame(frame);
    close();
  });

  /** To be bound with v-on to the video element. */
  const events = {
    play: () => (isPlaying.value = true),
    pause: () => (isPlaying.value = false),
    ended: () => (hasEnded.value = true),
    loadeddata: () => {
      state.value = "ready";
      setRate(rate.value);
    },
  };

  return {
    state, isPlaying, isMuted, hasEnded, rate, wall, events,
    isLoading: computed(() => state.value === "loading"),
    load, close, seek, play, pause, toggle, setRate, changeRate, toggleSound,
  };
}
