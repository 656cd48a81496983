/** All cameras of a replay in step: one clock, a stream each, one of them large, one of them heard. */
import { computed, onBeforeUnmount, ref, shallowRef } from "vue";

import { MasterClock } from "./clock";
import { behindGap, GAP_SHOWN_MS, isHeld, type Standing } from "./holding";
import { neighbourRate, shuttled } from "./shuttle";
import type { Stretch } from "./source";
import { CameraStream } from "./stream";

export const MOST_CAMERAS = 9;
/** A step where the camera's own pictures are not known: in a gap, or while they are fetched. */
const USUAL_PICTURE_MS = 40;
/** What is being recorded now can be played once its first file is finished. */
const ASK_AGAIN_MS = 10_000;

/** Where the recording of a camera around a moment is played from, and the time that this is about. */
export type PlaylistOf = (camera: string, wall: number) => { readonly url: string; readonly window: Stretch };

export function useDeck(playlistOf: PlaylistOf, nowOnWall: () => number) {
  const streams = shallowRef<readonly CameraStream[]>([]);
  const large = ref(0);
  /** Whose sound is heard; null: that of the large camera. */
  const microphone = ref<number | null>(null);
  const isMuted = ref(false);
  /** The browser plays without sound until somebody touches the page. */
  const wasRefused = ref(false);
  const isPlaying = ref(false);
  const isWaiting = ref(false);
  const rate = ref(1);
  /** The moment that is shown, with every frame; null before the first picture's time is known. */
  const wall = ref<number | null>(null);
  /** Where the replay goes on, while no camera has a picture. */
  const goesOnAt = ref<number | null>(null);
  /** Playing ends here once; null: nowhere. */
  const end = ref<number | null>(null);
  const hasEnded = ref(false);

  const clock = new MasterClock(0, performance.now());
  let numbers = 0;
  let handle = 0;
  let heldSince: number | null = null;
  let gapSince: number | null = null;

  const heard = computed(() => microphone.value ?? large.value);

  /** Add a camera. Without `playlist` it is found by `playlistOf` as soon as a moment is known. */
  function add(camera: string, playlist?: { readonly url: string; readonly window: Stretch | null }): CameraStream {
    const known = streams.value.find(({ face }) => face.camera === camera);
    if (known !== undefined && camera !== "") return known;
    numbers += 1;
    const stream = new CameraStream(numbers, camera, beganAt);
    stream.onRefused = () => (wasRefused.value = true);
    streams.value = [...streams.value, stream];
    if (large.value === 0) large.value = stream.id;
    if (playlist) stream.load(playlist.url, playlist.window);
    return stream;
  }

  function remove(id: number): void {
    const gone = streams.value.find((one) => one.id === id);
    if (!gone || streams.value.length === 1) return;
    gone.close();
    streams.value = streams.value.filter((one) => one.id !== id);
    if (large.value === id) large.value = streams.value[0]?.id ?? 0;
    if (microphone.value === id) microphone.value = null;
  }

  function clear(): void {
    for (const stream of streams.value) stream.close();
    streams.value = [];
    large.value = 0;
    microphone.value = null;
    wall.value = null;
    hasEnded.value = false;
  }

  /** A stream knows its pictures: the clock begins with the first one, unless it stands somewhere already. */
  function beganAt(_stream: CameraStream, first: number | null): number {
    if (wall.value === null && first !== null) place(first);
    return wall.value ?? first ?? 0;
  }

  function place(at: number): void {
    clock.seek(at, performance.now());
    wall.value = at;
  }

  /** Begin at a moment, before anything is loaded. */
  function begin(at: number): void {
    place(Math.min(at, nowOnWall()));
  }

  function seek(at: number): void {
    hasEnded.value = false;
    gapSince = null;
    heldSince = null;
    place(Math.min(at, nowOnWall()));
  }

  function seekBy(seconds: number): void {
    if (wall.value !== null) seek(wall.value + seconds * 1000);
  }

  /** Stand still and show the next picture of the large camera, or the one before. */
  function stepBy(pictures: 1 | -1): void {
    const stream = streams.value.find((one) => one.id === large.value);
    // While it plays the camera may be a little off the clock.
    const from = (isPlaying.value ? stream?.face.wall : null) ?? wall.value;
    pause();
    if (from === null) return;
    const beside = stream?.pictureBeside(from, pictures) ?? null;
    seek(beside ?? from + pictures * USUAL_PICTURE_MS);
  }

  function play(): void {
    if (hasEnded.value) {
      hasEnded.value = false;
      end.value = null;
    }
    if (clock.rate < 0) setRate(1);
    clock.play(performance.now());
    isPlaying.value = true;
  }

  function pause(): void {
    clock.pause(performance.now());
    isPlaying.value = false;
  }

  function toggle(): void {
    if (isPlaying.value) pause();
    else play();
  }

  function setRate(next: number): void {
    clock.setRate(next, performance.now());
    rate.value = next;
  }

  function shuttle(direction: 1 | -1): void {
    const next = shuttled(rate.value, isPlaying.value, direction);
    play();
    setRate(next);
  }

  function changeRate(by: 1 | -1): void {
    setRate(neighbourRate(Math.abs(rate.value), by));
  }

  function toggleSound(): void {
    if (wasRefused.value) wasRefused.value = false;
    else isMuted.value = !isMuted.value;
  }

  function standing(stream: CameraStream): Standing {
    return { ...stream.face, isLarge: stream.id === large.value };
  }

  function follow(): void {
    handle = requestAnimationFrame(follow);
    if (wall.value === null) return;
    const now = performance.now();
    const reading = { wall: clock.at(now), rate: clock.rate, runs: clock.runs, now };
    for (const stream of streams.value) {
      if (wantsPlaylist(stream, reading.wall, now)) {
        const wanted = playlistOf(stream.face.camera, reading.wall);
        stream.load(wanted.url, wanted.window);
      }
      stream.follow(reading);
      stream.hear(!isMuted.value && !wasRefused.value && stream.id === heard.value && clock.rate > 0);
    }
    wait(now);
    leaveGap(now, reading.wall);
    stop(reading.wall);
    wall.value = clock.at(now);
  }

  /** Nothing is loaded, or another time is, or nothing was recorded yet when it was asked for. */
  function wantsPlaylist({ face, window, loadedAt }: CameraStream, at: number, now: number): boolean {
    if (face.camera === "") return false;
    if (window === null) return face.state === "idle";
    const isNotYet = face.state === "empty" && window.to > nowOnWall() && now - loadedAt > ASK_AGAIN_MS;
    return at < window.from || at >= window.to || isNotYet;
  }

  function wait(now: number): void {
    const cameras = streams.value.map(standing);
    if (!cameras.some((one) => one.isWaiting)) heldSince = null;
    else heldSince ??= now;
    clock.hold(heldSince !== null && isHeld(cameras, now - heldSince), now);
    isWaiting.value = clock.isHeld;
  }

  function leaveGap(now: number, at: number): void {
    const next = behindGap(streams.value.map(standing), at);
    goesOnAt.value = next;
    if (next === null || !isPlaying.value) gapSince = null;
    else gapSince ??= now;
    if (next !== null && gapSince !== null && now - gapSince >= GAP_SHOWN_MS) seek(next);
  }

  function stop(at: number): void {
    const isOver = end.value !== null && at >= end.value;
    if (!isPlaying.value || (!isOver && at < nowOnWall())) return;
    if (isOver) {
      place(end.value ?? at);
      hasEnded.value = true;
    }
    pause();
  }

  handle = requestAnimationFrame(follow);
  onBeforeUnmount(() => {
    cancelAnimationFrame(handle);
    clear();
  });

  return {
    streams, large, microphone, heard, isMuted, wasRefused, isPlaying, isWaiting, rate, wall, goesOnAt, end, hasEnded,
    add, remove, clear, begin, seek, seekBy, stepBy, play, pause, toggle, setRate, shuttle, changeRate, toggleSound,
  };
}

export type Deck = ReturnType<typeof useDeck>;
