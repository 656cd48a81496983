/** The board of the chosen hall, kept current by the push connection while somebody is logged in. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";

import { client } from "@/api/client";
import type { Failure } from "@/api/outcome";
import type { Alert, CameraView, HallView, Item, Observation, Staff, Text, Ticket } from "@/api/facts";
import { type ConnectionState, PushConnection } from "@/push/connection";
import type { Fact, Sighting } from "@/push/messages";
import { serverNow, setServerOffset } from "@/time/now";
import { dayOf } from "@/time/zone";

import { begin, type BoardState, fold, heal } from "./fold";

const HALL_KEPT_AS = "hallwatch.hall";
const READ_AGAIN_MS = 5_000;
const LOOK_EVERY_MS = 15_000;
/** More waiting tickets than this are not read at once; the count of a hall stays far below. */
const PAGES = 10;

export interface AlertNews { readonly kind: "new" | "ended"; readonly alert: Alert }

export const useBoard = defineStore("board", () => {
  const halls = shallowRef<readonly HallView[]>([]);
  const hallId = ref<string>(localStorage.getItem(HALL_KEPT_AS) ?? "");
  const board = shallowRef<BoardState | null>(null);
  /** What went wrong with the latest reading; null when it went well. */
  const failure = shallowRef<Failure | null>(null);
  const connection = ref<ConnectionState>({ kind: "stopped" });
  /** When the connection was lost, by the server's clock; null while it stands. */
  const lostAt = ref<number | null>(null);
  const news = shallowRef<AlertNews | null>(null);
  /** The observation that was pushed last. */
  const observed = shallowRef<Observation | null>(null);
  /** Where people were in the picture that was told of last. */
  const sighted = shallowRef<Sighting | null>(null);
  /** Grows when announcements may have changed. */
  const announced = ref(0);
  let running = false;
  let again: ReturnType<typeof setTimeout> | undefined;
  let looking: ReturnType<typeof setInterval> | undefined;

  const hall = computed(() => halls.value.find((one) => one.id === hallId.value) ?? null);
  const zone = computed(() => hall.value?.timezone ?? "Asia/Shanghai");
  const isStale = computed(() => board.value !== null && lostAt.value !== null);

  const push = new PushConnection({
    onFact: take,
    onSighting: (sighting) => (sighted.value = sighting),
    onReset: () => void read(),
    onState: (state) => {
      connection.value = state;
      if (state.kind === "live") lostAt.value = null;
      else if (state.kind === "waiting") lostAt.value ??= serverNow();
    },
    onServerTime: setServerOffset,
  });

  function take(fact: Fact): void {
    if (fact.kind === "observation") observed.value = fact.body;
    if (!board.value) return;
    const before = board.value;
    board.value = fold(before, fact);
    if (fact.kind === "alert" && fact.body.subject.hall === before.hall) {
      const { body } = fact;
      const stood = body.id in before.alerts;
      const stands = body.id in board.value.alerts;
      if (!stood && stands) news.value = { kind: "new", alert: body };
      else if (stood && !stands && body.status === "resolved") news.value = { kind: "ended", alert: body };
    }
    if (fact.kind === "announcement") announced.value += 1;
    if (fact.kind === "configuration") void read();
  }

  /** Read halls and board anew and follow what comes after. */
  async function read(): Promise<void> {
    clearTimeout(again);
    if (!running) return;
    const told = await client.halls.all();
    if (told.status !== "ok") {
      failed(told);
      return;
    }
    halls.value = told.value.items;
    if (!hall.value) hallId.value = told.value.items[0]?.id ?? "";
    if (!hall.value) {
      failure.value = null;
      return;
    }
    const chosen = hallId.value;
    const snapshot = await client.halls.board(chosen);
    if (snapshot.status !== "ok") {
      failed(snapshot);
      return;
    }
    setServerOffset(Date.parse(snapshot.value.at) - Date.now());
    const [tickets, seen] = await Promise.all([readWaiting(chosen), readSeen()]);
    if (chosen !== hallId.value) return;
    const today = dayOf(Date.parse(snapshot.value.at), zone.value);
    const present = tickets.filter((ticket) => dayOf(Date.parse(ticket.taken_at), zone.value) === today);
    const before = board.value;
    board.value = begin(snapshot.value, present, seen, hall.value.staff);
    if (before?.hall === chosen) tellMissed(before.alerts, board.value.alerts);
    failure.value = null;
    announced.value += 1;
    push.follow(snapshot.value.seq);
  }

  /** What arose while no push told of it is as new as if it had. */
  function tellMissed(known: BoardState["alerts"], present: BoardState["alerts"]): void {
    for (const alert of Object.values(present)) if (!(alert.id in known)) news.value = { kind: "new", alert };
  }

  function failed(reason: Failure): void {
    failure.value = reason;
    again = setTimeout(() => void read(), READ_AGAIN_MS);
  }

  async function readWaiting(hall: string): Promise<Ticket[]> {
    const found: Ticket[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const told = await client.queue.waitingTickets(hall, cursor);
      if (told.status !== "ok") break;
      found.push(...told.value.items);
      if (told.value.next === null) break;
      cursor = told.value.next;
    }
    return found;
  }

  async function readSeen(): Promise<Observation[]> {
    const told = await Promise.all((["presence", "people", "customer"] as const).map((kind) => client.halls.observations({ kind })));
    return told.flatMap((outcome) => (outcome.status === "ok" ? outcome.value.items : []));
  }

  /** Ask now and then for what no fact tells. */
  async function look(): Promise<void> {
    if (connection.value.kind !== "live" || document.visibilityState !== "visible") return;
    const snapshot = await client.halls.board(hallId.value);
    if (snapshot.status === "ok" && board.value) board.value = heal(board.value, snapshot.value);
  }

  function hurry(): void {
    if (document.visibilityState === "visible") push.hurry();
  }

  function start(): void {
    if (running) return;
    running = true;
    addEventListener("online", hurry);
    document.addEventListener("visibilitychange", hurry);
    looking = setInterval(() => void look(), LOOK_EVERY_MS);
    void read();
  }

  function stop(): void {
    running = false;
    clearInterval(looking);
    clearTimeout(again);
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    push.stop();
    board.value = null;
  }

  function chooseHall(id: string): void {
    if (id === hallId.value) return;
    hallId.value = id;
    localStorage.setItem(HALL_KEPT_AS, id);
    board.value = null;
    push.stop();
    void read();
  }

  /** An alert as the server answered it: shown at once, before the push brings it. */
  function noteAlert(alert: Alert): void {
    if (!board.value) return;
    const { seq } = board.value;
    board.value = { ...fold(board.value, { kind: "alert", seq: seq + 1, at: alert.opened_at, body: alert }), seq };
  }

  /** Have `sighted` tell of these cameras, and of no other. */
  function watchPeople(ids: readonly string[]): void {
    push.watch(ids);
  }

  const cameras = computed(() => new Map((hall.value?.cameras ?? []).map((camera): [string, CameraView] => [camera.id, camera])));
  const items = computed(() => new Map((hall.value?.items ?? []).map((item): [string, Item] => [item.id, item])));
  const people = computed(() => new Map((hall.value?.staff ?? []).map((person): [string, Staff] => [person.id, person])));

  /** The two names of a camera, a window or a person of the hall; the id where it has none any more. */
  function cameraName(id: string): Text {
    return cameras.value.get(id)?.name ?? { zh: id, en: id };
  }

  function windowNumber(id: string): string {
    return hall.value?.windows.find((window) => window.id === id)?.number ?? id;
  }

  function staffName(id: string): Text {
    return people.value.get(id)?.name ?? { zh: id, en: id };
  }

  /** What an item is called that queue events call so. */
  function itemName(id: string): Text {
    return items.value.get(id)?.name ?? { zh: id, en: id };
  }

  return {
    halls, hallId, hall, zone, board, failure, connection, lostAt, isStale, news, observed, sighted, announced, cameras,
    start, stop, read, chooseHall, noteAlert, watchPeople, cameraName, windowNumber, staffName, itemName,
  };
});
