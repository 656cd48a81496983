/** Plays a few seconds of a camera over and over, without sound. */
import Hls, { ErrorTypes, Events, type LevelDetails } from "hls.js/light";
import { onScopeDispose, ref, type Ref } from "vue";

import { cameraPlaylist } from "@/api/records";
import { placeAt } from "@/replay/walltime";

export type LoopState = "off" | "loading" | "playing" | "held" | "failed";

/** What plays or holds when it is told to. */
export interface Player {
  readonly play: () => void;
}

export interface Loop {
  readonly state: Readonly<Ref<LoopState>>;
  /** Begin with a stretch of wall time, in milliseconds. */
  readonly start: (camera: string, from: number, to: number) => void;
  /** Hold, or go on. */
  readonly turn: () => void;
  readonly stop: () => void;
}

export function useLoop(video: Readonly<Ref<HTMLVideoElement | null>>): Loop {
  const state = ref<LoopState>("off");
  let hls: Hls | null = null;
  let details: LevelDetails | null = null;
  let bounds = { from: 0, to: 0 };

  /** Where a moment, or else the next picture after it, lies; null behind the last one. */
  function mediaAt(wall: number): number | null {
    const place = placeAt(details?.fragments ?? [], wall);
    return place.kind === "picture" ? place.media : place.next;
  }

  function begins(): number {
    return mediaAt(bounds.from) ?? 0;
  }

  /** Back to the beginning once the end is reached, or what is recorded so far. */
  function watchEnd(): void {
    const element = video.value;
    if (!element || details === null) return;
    const end = mediaAt(bounds.to);
    if (element.ended || (end !== null && element.currentTime >= end - 0.05)) again(element);
  }

  function again(element: HTMLVideoElement): void {
    element.currentTime = begins();
    void element.play().catch(() => (state.value = "held"));
  }

  function start(camera: string, from: number, to: number): void {
    stop();
    const element = video.value;
    if (!element) return;
    if (!Hls.isSupported()) {
      state.value = "failed";
      return;
    }
    state.value = "loading";
    bounds = { from, to };
    const mine = new Hls({ startPosition: 0, maxBufferLength: 15, backBufferLength: 30 });
    hls = mine;
    mine.on(Events.LEVEL_UPDATED, (_event, data) => {
      const isFirst = details === null;
      details = data.details;
      if (isFirst) again(element);
    });
    mine.on(Events.ERROR, (_event, data) => {
      if (!data.fatal) return;
      if (data.type === ErrorTypes.MEDIA_ERROR && state.value === "loading") mine.recoverMediaError();
      else {
        stop();
        state.value = "failed";
      }
    });
    element.muted = true;
    element.onplaying = () => (state.value = "playing");
    element.ontimeupdate = watchEnd;
    element.onended = watchEnd;
    // What is still being recorded has no end yet: at its edge it begins anew.
    element.onwaiting = () => {
      if (details?.live === true && element.currentTime > begins() + 1) again(element);
    };
    mine.loadSource(cameraPlaylist(camera, new Date(from).toISOString(), new Date(to).toISOString()));
    mine.attachMedia(element);
  }

  function turn(): void {
    const element = video.value;
    if (!element || hls === null) return;
    if (element.paused) void element.play().catch(() => (state.value = "held"));
    else {
      element.pause();
      state.value = "held";
    }
  }

  function stop(): void {
    hls?.destroy();
    hls = null;
    details = null;
    state.value = "off";
    const element = video.value;
    if (!element) return;
    element.onplaying = element.ontimeupdate = element.onended = element.onwaiting = null;
  }

  onScopeDispose(stop);
  return { state, start, turn, stop };
}
