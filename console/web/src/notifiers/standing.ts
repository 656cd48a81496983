/** How the notifiers fare, read again and again, and tests of them. */
import { computed, type ComputedRef, onScopeDispose, ref, type Ref, type ShallowRef, watch } from "vue";

import { client } from "@/api/client";
import type { Failure } from "@/api/outcome";
import type { FailedDelivery, NotifierView } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useTexts } from "@/messages/text";
import { failureText } from "@/shell/failure";
import { useLoad } from "@/shell/load";
import { dayAndTime } from "@/time/zone";

const READ_EVERY_MS = 30_000;
const LOOK_EVERY_MS = 1_000;
/** Longest that a test may take: one attempt has at most 60 s. */
const PATIENCE_MS = 70_000;

/** `failing`: nothing can be told. `refused`: the latest message was. */
export type StandingState = "fine" | "failing" | "refused";

export interface NotifierStandings {
  readonly failure: ShallowRef<Failure | null>;
  readonly notifiers: ComputedRef<readonly NotifierView[]>;
  /** What was refused for good, the newest first. */
  readonly failures: ComputedRef<readonly FailedDelivery[]>;
  readonly stateOf: (one: NotifierView) => StandingState;
  /** Where one stands, in words. */
  readonly stands: (one: NotifierView) => string;
  /** What was refused, in words. */
  readonly told: (failed: FailedDelivery) => string;
  /** The notifiers that are being tested, and what is said of tests, by their ids. */
  readonly testing: Ref<ReadonlySet<string>>;
  readonly said: Ref<Readonly<Partial<Record<string, string>>>>;
  readonly test: (id: string) => Promise<void>;
  readonly read: () => Promise<void>;
}

export function useNotifierStandings(): NotifierStandings {
  const { t, name } = useTexts();
  const store = useBoard();
  const { value, failure, read } = useLoad(() => client.alerts.notifications());
  const testing = ref<ReadonlySet<string>>(new Set());
  const said = ref<Readonly<Partial<Record<string, string>>>>({});
  let isGone = false;

  const notifiers = computed(() => value.value?.notifiers ?? []);
  const failures = computed(() => value.value?.failures ?? []);

  function time(at: string): string {
    return dayAndTime(Date.parse(at), store.zone);
  }

  /** What was refused since something was taken last; null when the latest message was taken. */
  function refusal(one: NotifierView): FailedDelivery | null {
    const last = failures.value.find((failed) => failed.notifier === one.id) ?? null;
    if (last === null || one.told_at === null) return last;
    return Date.parse(last.at) > Date.parse(one.told_at) ? last : null;
  }

  function stateOf(one: NotifierView): StandingState {
    if (one.failure !== null) return "failing";
    return refusal(one) === null ? "fine" : "refused";
  }

  function stands(one: NotifierView): string {
    const refused = refusal(one);
    if (one.failure !== null && one.failing_since !== null) {
      return t("notifiers.stands", { time: time(one.failing_since), reason: name(one.failure) });
    }
    if (refused !== null) return t("notifiers.lastRefused", { time: time(refused.at), reason: name(refused.reason) });
    return one.told_at === null ? t("notifiers.never") : t("notifiers.told", { time: time(one.told_at) });
  }

  function told(failed: FailedDelivery): string {
    return t("notifiers.failure", { time: time(failed.at), notifier: failed.notifier, reason: name(failed.reason) });
  }

  function say(id: string, words: string): void {
    said.value = { ...said.value, [id]: words };
  }

  async function test(id: string): Promise<void> {
    testing.value = new Set([...testing.value, id]);
    say(id, t("notifiers.testing"));
    const asked = await client.alerts.tryNotifier(id);
    if (asked.status === "ok") say(id, await outcome(id, asked.value.asked_at));
    else say(id, t("notifiers.refused", { reason: failureText(asked, t) }));
    testing.value = new Set([...testing.value].filter((one) => one !== id));
  }

  /** What became of a test, in words; it is carried out by another process. */
  async function outcome(id: string, askedAt: string): Promise<string> {
    const until = Date.now() + PATIENCE_MS;
    while (!isGone && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      await read();
      const trial = notifiers.value.find((one) => one.id === id)?.trial;
      if (trial?.asked_at !== askedAt || trial.done_at === null) continue;
      if (trial.failure === null) return t("notifiers.taken", { time: time(trial.done_at) });
      return t("notifiers.refused", { reason: name(trial.failure) });
    }
    return t("notifiers.unanswered");
  }

  void read();
  const again = setInterval(() => void read(), READ_EVERY_MS);
  watch(() => store.news, read);
  onScopeDispose(() => {
    isGone = true;
    clearInterval(again);
  });
  return { failure, notifiers, failures, stateOf, stands, told, testing, said, test, read };
}
