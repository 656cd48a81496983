/** One camera of a replay: an hls.js player that follows the clock. */
import Hls, { type ErrorData, ErrorTypes, Events, type Fragment as HlsFragment, type LevelDetails } from "hls.js/light";
import { shallowReactive } from "vue";

import { correction, Lag, LARGEST_DRIFT, Pace } from "./drift";
import { pictureBeside, picturesOf } from "./pictures";
import type { Stretch } from "./source";
import { type Fragment, placeAt, wallTimeAt } from "./walltime";

export type StreamState = "idle" | "loading" | "ready" | "empty" | "error";

/** Failed loads are tried again so many times before a camera is said to have failed. */
const ATTEMPTS = 3;
/** Above this speed a camera that cannot keep up shows key frames only. */
const MAY_DROP_ABOVE = 1;
/** A paused picture this close to the clock is the right one. */
const CLOSE_ENOUGH = 0.012;

/** The marks of how soon a replay begins, for who measures it. */
export const OPENED = "replay:opened";
export const FIRST_FRAME = "replay:first-frame";

/** What the clock says. */
export interface Reading {
  readonly wall: number;
  readonly rate: number;
  readonly runs: boolean;
  readonly now: number;
}

/** What a pane shows of a camera. */
export interface Face {
  camera: string;
  state: StreamState;
  /** Wall time of the picture that is shown; null while none is. */
  wall: number | null;
  /** The clock stands where nothing was recorded. */
  isInGap: boolean;
  /** When pictures go on after the gap, as far as the playlist knows. */
  goesOnAt: number | null;
  /** The clock has overtaken what is recorded so far. */
  isAhead: boolean;
  /** The picture for the clock is not there yet. */
  isWaiting: boolean;
  showsKeyFrames: boolean;
  hasSound: boolean;
}

export class CameraStream {
  readonly id: number;
  readonly face: Face;
  /** The time that the loaded playlist is about. */
  window: Stretch | null = null;
  /** When it was loaded, as of performance.now. */
  loadedAt = 0;
  #element: HTMLVideoElement | null = null;
  #hls: Hls | null = null;
  #details: LevelDetails | null = null;
  #pending: string | null = null;
  #failures = 0;
  #pace = new Pace();
  #lag = new Lag();
  #sought: number | null = null;
  /** When the pictures of each loaded fragment begin, in seconds after its first one; by the fragment's number. */
  #pictures = new Map<number | "initSegment", readonly number[]>();
  /** The media time of the picture that the browser told last. */
  #presented: number | null = null;
  #stops: (() => void)[] = [];

  constructor(
    id: number,
    camera: string,
    /** Told when the playlist is known for the first time, with the moment of its first picture. */
    private readonly onKnown: (stream: CameraStream, first: number | null) => number,
  ) {
    this.id = id;
    this.face = shallowReactive<Face>({
      camera, state: "idle", wall: null, isInGap: false, goesOnAt: null, isAhead: false, isWaiting: true, showsKeyFrames: false, hasSound: false,
    });
  }

  get fragments(): readonly Fragment[] {
    return this.#details?.fragments ?? [];
  }

  get isGrowing(): boolean {
    return this.#details?.live === true;
  }

  /** The wall time of the picture `by` pictures from the one of a moment; null while that is not known. */
  pictureBeside(wall: number, by: 1 | -1): number | null {
    if (this.#details === null) return null;
    const place = placeAt(this.#details.fragments, wall);
    if (place.kind === "gap") return null;
    const now = place.media;
    const { fragments } = this.#details;
    const shown = fragments.findLastIndex(({ start }) => start <= now);
    const begins = fragments
      .slice(Math.max(0, shown - 1), shown + 2)
      .flatMap(({ sn, start }) => (this.#pictures.get(sn) ?? []).map((at) => start + at));
    const media = pictureBeside(begins, now, this.#presented, by);
    return media === null ? null : wallTimeAt(fragments, media);
  }

  /** The video element came (or went, with null). */
  attach(element: HTMLVideoElement | null): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#element = element;
    if (!element) return;
    this.#listen(element);
    if (this.#hls) this.#hls.attachMedia(element);
    else if (this.#pending !== null) this.load(this.#pending, this.window);
  }

  /** Play what a playlist has; `window` is the time that it is about, if that is known. */
  load(url: string, window: Stretch | null): void {
    this.#drop();
    this.window = window;
    this.loadedAt = performance.now();
    this.#pending = url;
    this.face.state = "loading";
    this.face.isWaiting = true;
    if (!this.#element) return;
    if (!Hls.isSupported()) {
      this.face.state = "error";
      return;
    }
    const mine = new Hls({ autoStartLoad: false, maxBufferLength: 20, backBufferLength: 60, enableWorker: false });
    this.#hls = mine;
    this.#failures = 0;
    let isStarted = false;
    mine.on(Events.LEVEL_LOADED, (_event, { details }) => {
      this.#details = details;
      if (isStarted) return;
      isStarted = true;
      const wall = this.onKnown(this, details.fragments[0]?.programDateTime ?? null);
      const place = placeAt(this.fragments, wall);
      mine.startLoad(place.kind === "picture" ? place.media : (place.next ?? 0));
    });
    mine.on(Events.LEVEL_UPDATED, (_event, { details }) => (this.#details = details));
    mine.on(Events.BUFFER_CODECS, (_event, tracks) => {
      this.face.hasSound ||= tracks.audio !== undefined || tracks.audiovideo !== undefined;
    });
    mine.on(Events.FRAG_LOADED, (_event, { frag, payload }) => { this.#learn(frag, payload); });
    mine.on(Events.FRAG_BUFFERED, () => (this.#failures = 0));
    mine.on(Events.ERROR, (_event, data) => {
      if (data.fatal) this.#recover(mine, data);
    });
    mine.loadSource(url);
    mine.attachMedia(this.#element);
  }

  /** Nothing is recorded over a time. */
  leaveEmpty(window: Stretch): void {
    this.#drop();
    this.window = window;
    this.face.state = "empty";
    this.face.isWaiting = false;
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    this.#drop();
  }

  hear(isHeard: boolean): void {
    if (this.#element) this.#element.muted = !isHeard;
  }

  /** Show what the clock says. Called with every frame of the screen. */
  follow(reading: Reading): void {
    const { face } = this;
    const element = this.#element;
    if (face.state === "empty" || face.state === "error") {
      face.isInGap = face.state === "empty";
      face.isWaiting = false;
      face.wall = null;
      return;
    }
    if (!element || this.#details === null) return;
    const place = placeAt(this.fragments, reading.wall);
    face.isInGap = place.kind === "gap";
    face.goesOnAt = place.kind === "gap" ? place.nextWall : null;
    face.isAhead = place.kind === "gap" && place.next === null && this.isGrowing;
    if (place.kind === "gap") {
      if (!element.paused) element.pause();
      // The picture behind the gap is fetched while the others go on.
      if (place.next !== null) this.#go(element, place.next + 0.001, reading);
      face.isWaiting = face.isAhead;
      face.wall = null;
      return;
    }
    face.isWaiting = element.seeking || element.readyState < this.#needed(element, reading);
    const shown = element.seeking ? null : wallTimeAt(this.fragments, element.currentTime);
    if (!face.isWaiting) {
      face.state = "ready";
      face.wall = shown;
    }
    if (reading.rate < 0 || (face.showsKeyFrames && reading.rate > MAY_DROP_ABOVE)) this.#showKeyFrame(element, place.key, reading);
    else if (!reading.runs) this.#showStill(element, place.media, reading);
    else this.#run(element, place.media, shown, reading);
  }

  /** While it runs a picture beyond the present one must be there, but at the end of all there is. */
  #needed(element: HTMLVideoElement, { runs, rate }: Reading): number {
    const left = (this.#details?.edge ?? 0) - element.currentTime;
    const goesOn = runs && rate > 0 && !this.face.showsKeyFrames && !element.ended && left > LARGEST_DRIFT;
    return goesOn ? HTMLMediaElement.HAVE_FUTURE_DATA : HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  #run(element: HTMLVideoElement, media: number, shown: number | null, reading: Reading): void {
    if (this.face.showsKeyFrames && reading.rate <= MAY_DROP_ABOVE) this.#forgetPace();
    if (element.seeking) return;
    const drift = shown === null ? Infinity : (shown - reading.wall) / 1000;
    const wanted = correction(drift, reading.rate);
    if (wanted.kind === "jump") {
      const isFarAway = Math.abs(element.currentTime - media) > LARGEST_DRIFT;
      if (!isFarAway) return;
      if (!element.paused && reading.rate > MAY_DROP_ABOVE) this.#pace.jumped(reading.now);
      if (this.#pace.isTooSlow(reading.now)) this.face.showsKeyFrames = true;
      const isMoving = !element.paused;
      this.#go(element, media + (isMoving ? this.#lag.seconds * reading.rate : 0), reading);
    } else if (element.playbackRate !== wanted.rate) {
      element.playbackRate = wanted.rate;
    }
    if (element.paused) void element.play().catch((error: unknown) => { this.#refused(element, error); });
  }

  #showStill(element: HTMLVideoElement, media: number, reading: Reading): void {
    if (!element.paused) element.pause();
    if (Math.abs(element.currentTime - media) > CLOSE_ENOUGH) this.#go(element, media, reading);
  }

  #showKeyFrame(element: HTMLVideoElement, key: number, reading: Reading): void {
    if (!element.paused) element.pause();
    // A little into the picture: exactly at its beginning some players show the one before.
    const media = key + 0.005;
    if (Math.abs(element.currentTime - media) > CLOSE_ENOUGH) this.#go(element, media, reading);
  }

  /** Jump, unless a jump is still under way: the next frame looks again. */
  #go(element: HTMLVideoElement, media: number, reading: Reading): void {
    if (element.seeking || Math.abs(element.currentTime - media) < 0.002) return;
    this.#sought = reading.now;
    element.currentTime = media;
  }

  #forgetPace(): void {
    this.#pace.forget();
    this.face.showsKeyFrames = false;
  }

  /** A page that nobody has touched yet may only play without sound. */
  #refused(element: HTMLVideoElement, error: unknown): void {
    if (error instanceof DOMException && error.name === "NotAllowedError" && !element.muted) {
      element.muted = true;
      this.onRefused();
    }
  }

  /** Told when the browser plays only without sound until somebody touches the page. */
  onRefused: () => void = () => undefined;

  #listen(element: HTMLVideoElement): void {
    const seeked = (): void => {
      if (this.#sought !== null) this.#lag.took((performance.now() - this.#sought) / 1000);
      this.#sought = null;
    };
    element.addEventListener("seeked", seeked);
    let handle = 0;
    const presented = (_now: number, { mediaTime }: { mediaTime: number }): void => {
      if (performance.getEntriesByName(FIRST_FRAME).length === 0) performance.mark(FIRST_FRAME);
      this.#presented = mediaTime;
      handle = element.requestVideoFrameCallback(presented);
    };
    handle = element.requestVideoFrameCallback(presented);
    this.#stops.push(() => {
      element.removeEventListener("seeked", seeked);
      element.cancelVideoFrameCallback(handle);
    });
  }

  #learn(fragment: HlsFragment, payload: ArrayBuffer): void {
    const header = fragment.initSegment?.data;
    if (!header) return;
    try {
      this.#pictures.set(fragment.sn, picturesOf(header, new Uint8Array(payload)));
    } catch (error) {
      // Of a damaged fragment the player itself tells; here only the steps over its single pictures are lost.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  #recover(mine: Hls, data: ErrorData): void {
    this.#failures += 1;
    if (data.response?.code === 404 && this.#details === null) {
      this.face.state = "empty";
      this.face.isWaiting = false;
      this.onKnown(this, null);
    } else if (this.#failures > ATTEMPTS || this.#details === null) {
      this.face.state = "error";
      this.face.isWaiting = false;
      mine.stopLoad();
    } else if (data.type === ErrorTypes.MEDIA_ERROR) {
      mine.recoverMediaError();
    } else {
      mine.startLoad();
    }
  }

  #drop(): void {
    this.#hls?.destroy();
    this.#hls = null;
    this.#details = null;
    this.#pending = null;
    this.#presented = null;
    this.#pictures.clear();
    this.#forgetPace();
    Object.assign(this.face, { state: "idle", wall: null, isInGap: false, goesOnAt: null, isAhead: false });
  }
}
