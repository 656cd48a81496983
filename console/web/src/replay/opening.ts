/** Opens what the address names: the pictures at once, and what is known of them beside that. */
import { computed, ref, shallowRef, watch } from "vue";
import { useRoute } from "vue-router";

import { client } from "@/api/client";
import { transactionPlaylist } from "@/api/records";
import type { Neighbours, TransactionReplay } from "@/api/facts";
import { useLoad } from "@/shell/load";
import { serverNow } from "@/time/now";

import { MOST_CAMERAS, useDeck } from "./deck";
import { useGaps } from "./gaps";
import { boundsOf, playlistAround, type Stretch } from "./source";
import { FIRST_FRAME, OPENED } from "./stream";

const READ_EVERY_MS = 10_000;
/** Files are closed and observations written a while after they happened. */
const SETTLED_AFTER_MS = 90_000;
/** Who opens a camera without a time sees what was recorded last. */
const JUST_BEFORE_MS = 120_000;
const AROUND_MS = 5 * 60_000;

export function useOpening(props: { readonly transaction?: string | undefined; readonly camera?: string | undefined }) {
  const route = useRoute();
  const { value: transaction, failure, isLoading, read } = useLoad(() => client.records.transaction(props.transaction ?? ""));
  const deck = useDeck((camera, wall) => playlistAround(camera, wall, transaction.value), serverNow);
  const gaps = useGaps((camera, from, to) => client.records.timelineFacts({ cameras: [camera], windows: [], from, to }));
  const neighbours = shallowRef<Neighbours | null>(null);
  /** What is replayed; null for a camera that is looked at without bounds. */
  const focus = ref<Stretch | null>(null);
  const view = ref<Stretch>({ from: 0, to: 1 });
  /** True once it is known what is shown. */
  const isOpen = ref(false);

  const query = (key: string): string => {
    const value = route.query[key];
    return typeof value === "string" ? value : "";
  };
  /** The moment in the address: `?at=`, or `#t=` as in links to media. */
  const asked = (): number => Date.parse(query("at") || route.hash.replace(/^#t=/, ""));

  function open(): void {
    performance.clearMarks(FIRST_FRAME);
    performance.clearMarks(OPENED);
    performance.mark(OPENED);
    deck.clear();
    neighbours.value = null;
    focus.value = null;
    isOpen.value = false;
    transaction.value = null;
    if (props.transaction !== undefined) void openTransaction(props.transaction);
    else openCamera(props.camera ?? "");
  }

  function openCamera(camera: string): void {
    const bounds = { from: Date.parse(query("from")), to: Date.parse(query("to")) };
    const isBounded = bounds.to > bounds.from;
    const at = Number.isNaN(asked()) ? (isBounded ? bounds.from : serverNow() - JUST_BEFORE_MS) : asked();
    if (isBounded) focus.value = bounds;
    view.value = isBounded ? bounds : { from: at - AROUND_MS, to: at + AROUND_MS };
    deck.begin(at);
    deck.add(camera);
    deck.play();
    isOpen.value = true;
  }

  async function openTransaction(id: string): Promise<void> {
    const at = asked();
    if (!Number.isNaN(at)) deck.begin(at);
    // The pictures are asked for together with the details: which camera is first the server knows.
    deck.add(query("camera"), { url: transactionPlaylist(id, query("camera")), window: null });
    deck.play();
    await read();
    const found = transaction.value;
    if (found?.transaction.id !== id) return;
    settle(found);
    isOpen.value = true;
    const told = await client.records.neighbours(id);
    if (told.status === "ok" && props.transaction === id) neighbours.value = told.value;
  }

  /** The details are there: every camera of the window joins. */
  function settle(found: TransactionReplay): void {
    const bounds = boundsOf(found);
    focus.value = bounds;
    view.value = bounds;
    gaps.note(found.cameras.flatMap((one) => one.gaps));
    if (deck.wall.value === null) deck.begin(Number.isNaN(asked()) ? bounds.from : asked());
    deck.end.value = found.transaction.interval.end === null ? null : bounds.to;
    const [first] = deck.streams.value;
    if (first?.face.camera === "") first.face.camera = found.cameras[0]?.camera ?? "";
    if (first) first.window = bounds;
    for (const { camera } of found.cameras.slice(0, MOST_CAMERAS)) deck.add(camera);
    const shown = found.cameras.find((one) => one.camera === first?.face.camera);
    const better = found.cameras.find(({ segments }) => segments.length > 0);
    // Who asked for no camera is shown one that was recorded.
    if (query("camera") === "" && shown?.segments.length === 0 && better) enlarge(better.camera);
  }

  function enlarge(camera: string): void {
    const stream = deck.streams.value.find(({ face }) => face.camera === camera);
    if (stream) deck.large.value = stream.id;
  }

  /** What still goes on grows: its steps, and how far it can be played. */
  async function grow(): Promise<void> {
    const before = transaction.value === null ? null : boundsOf(transaction.value);
    if (before === null || before.to <= serverNow() - SETTLED_AFTER_MS) return;
    await read();
    if (transaction.value === null) return;
    const bounds = boundsOf(transaction.value);
    gaps.note(transaction.value.cameras.flatMap((one) => one.gaps));
    if (view.value.from === before.from && view.value.to === before.to) view.value = bounds;
    focus.value = bounds;
    if (transaction.value.transaction.interval.end !== null) deck.end.value ??= bounds.to;
    for (const stream of deck.streams.value) if (stream.window?.from === before.from) stream.window = bounds;
  }

  watch(() => [props.transaction, props.camera, query("from"), query("to"), query("at"), route.hash], open, { immediate: true });
  const growing = setInterval(() => void grow(), READ_EVERY_MS);

  /** In the order of their digits. */
  const cameras = computed(() => deck.streams.value.map(({ face }) => face.camera).filter((camera) => camera !== ""));
  return {
    deck, gaps, transaction, neighbours, failure, isLoading, focus, view, isOpen, cameras, open,
    stop: () => {
      clearInterval(growing);
    },
  };
}
