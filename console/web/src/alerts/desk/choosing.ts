/** The queue as the address asks for it, and the alert that is chosen in it: a link leads to both. */
import { computed, ref, type Ref, shallowRef, watch, type WritableComputedRef } from "vue";
import { useRoute, useRouter } from "vue-router";

import { useSubject } from "@/alerts/subject";
import { client } from "@/api/client";
import type { Alert } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import { useSession } from "@/session/session";

import { type Filters, filtersOf, nextOf, queryOf, type QueueGroup, queueOf, type Reader } from "./queue";

export interface Choosing {
  readonly filters: WritableComputedRef<Filters>;
  readonly groups: Readonly<Ref<readonly QueueGroup[]>>;
  /** The alerts of the groups, one after the other. */
  readonly rows: Readonly<Ref<readonly Alert[]>>;
  readonly standing: Readonly<Ref<readonly Alert[]>>;
  /** How many alerts fit the filters, those that are folded away as well. */
  readonly count: Readonly<Ref<number>>;
  readonly unfolded: Readonly<Ref<ReadonlySet<string>>>;
  readonly turn: (id: string) => void;
  readonly chosenId: Readonly<Ref<string | null>>;
  readonly chosen: Readonly<Ref<Alert | null>>;
  /** True when the server knows no such alert. */
  readonly isGone: Readonly<Ref<boolean>>;
  readonly choose: (alert: Alert) => void;
  /** The alert that then is chosen, or null without any. */
  readonly move: (by: 1 | -1) => Alert | null;
  /** Take an alert as an act has left it. */
  readonly note: (alert: Alert) => void;
}

export function useChoosing(): Choosing {
  const { t, locale } = useTexts();
  const store = useBoard();
  const session = useSession();
  const route = useRoute();
  const router = useRouter();
  const subject = useSubject();

  const filters = computed({
    get: () => filtersOf(route.query),
    set: (asked) => void goTo(chosenId.value, queryOf(asked)),
  });
  const chosenId = computed(() => (typeof route.query.alert === "string" ? route.query.alert : null));
  const unfolded = ref<ReadonlySet<string>>(new Set());
  /** One that neither stands nor has lately ended, as a link out of a message may name. */
  const asked = shallowRef<Alert | null>(null);
  const isGone = ref(false);
  /** Where in the queue the chosen one stood when it was chosen. */
  let place = 0;

  const reader = computed<Reader>(() => ({
    me: session.user?.name ?? "",
    unitOf: (window) => store.hall?.windows.find(({ id }) => id === window)?.unit ?? null,
    wordsOf: (alert) => [locale.value === "en" ? alert.reason.en : alert.reason.zh, subject(alert), t(`kind.${alert.kind}`), alert.assignee ?? ""].join(" "),
  }));
  const standing = computed(() => Object.values(store.board?.alerts ?? {}));
  const groups = computed(() => queueOf(standing.value, filters.value, reader.value, unfolded.value));
  const rows = computed(() => groups.value.flatMap((group) => group.rows.map((row) => row.alert)));
  const count = computed(() => queueOf(standing.value, filters.value, reader.value, new Set()).flatMap((group) => group.rows).reduce((sum, row) => sum + 1 + row.covers, 0));
  const chosen = computed(() => {
    const id = chosenId.value;
    if (id === null) return null;
    const known = store.board?.alerts[id] ?? store.board?.ended.find((one) => one.id === id) ?? null;
    const told = asked.value?.id === id ? asked.value : null;
    return known === null || (told !== null && told.revision > known.revision) ? told : known;
  });

  function goTo(alert: string | null, query: Record<string, string>): Promise<unknown> {
    const { hall } = route.query;
    return router.replace({ query: { ...query, ...(typeof hall === "string" ? { hall } : {}), ...(alert === null ? {} : { alert }) } });
  }

  function choose(alert: Alert): void {
    place = rows.value.findIndex(({ id }) => id === alert.id);
    void goTo(alert.id, queryOf(filters.value));
  }

  watch(
    [chosenId, () => store.board !== null],
    async ([id, isThere]) => {
      isGone.value = false;
      if (id === null || !isThere || chosen.value !== null) return;
      const told = await client.alerts.one(id);
      if (id !== chosenId.value) return;
      if (told.status === "ok") asked.value = told.value.alert;
      else isGone.value = told.status === "problem";
    },
    { immediate: true },
  );
  // What has ended leaves the board some time; whoever looks at it goes on seeing it.
  watch(chosen, (now) => {
    if (now !== null) asked.value = now;
  });
  watch(
    [() => route.query.hall, () => store.halls.length],
    ([hall]) => {
      if (typeof hall === "string" && store.halls.some(({ id }) => id === hall)) store.chooseHall(hall);
    },
    { immediate: true },
  );
  watch(
    () => store.hallId,
    (hall, before) => {
      // Windows and units are of one hall, and so is what was chosen.
      if (before !== "" && route.query.hall !== hall) void router.replace({ query: { ...queryOf({ ...filters.value, window: "", unit: "" }), hall } });
    },
  );

  return {
    filters,
    groups,
    rows,
    standing,
    count,
    unfolded,
    turn(id) {
      const next = new Set(unfolded.value);
      if (!next.delete(id)) next.add(id);
      unfolded.value = next;
    },
    chosenId,
    chosen,
    isGone,
    choose,
    move(by) {
      const next = nextOf(rows.value, chosenId.value, place, by);
      if (next) choose(next);
      return next;
    },
    note(alert) {
      if (alert.id === chosenId.value) asked.value = alert;
    },
  };
}
