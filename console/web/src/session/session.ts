/** Who is logged in, and what that person may do. A log-out in one tab is one in every tab. */
import { defineStore } from "pinia";
import { computed, ref } from "vue";

import { client } from "@/api/client";
import type { Outcome } from "@/api/outcome";
import type { CodeAwaited, Permission, SessionView, UserView } from "@/api/facts";

const LOGGED_OUT = "logged-out";

export const useSession = defineStore("session", () => {
  const user = ref<UserView | null>(null);
  const permissions = ref<ReadonlySet<Permission>>(new Set());
  /** For what a reason has to be stated before anything is shown. */
  const reasonFor = ref<ReadonlySet<Permission>>(new Set());
  const reason = ref("");
  /** Whether policy demands a second factor that this user has not set up yet. */
  const owesSecondFactor = ref(false);
  /** Whether the provider of single sign-on has let this user in: it has a session of its own. */
  const bySignOn = ref(false);
  /** True once the server has said whether somebody is logged in. */
  const asked = ref(false);
  const tabs = new BroadcastChannel("hallwatch-session");

  function take(outcome: Outcome<SessionView>): Outcome<SessionView> {
    if (outcome.status === "ok") {
      user.value = outcome.value.user;
      permissions.value = new Set(outcome.value.permissions);
      reasonFor.value = new Set(outcome.value.reason_for);
      reason.value = outcome.value.reason;
      owesSecondFactor.value = outcome.value.second_factor_owed;
      bySignOn.value = outcome.value.single_sign_on;
    }
    asked.value ||= outcome.status !== "unreachable";
    return outcome;
  }

  async function ask(): Promise<boolean> {
    if (!asked.value) take(await client.account.session());
    return user.value !== null;
  }

  /** Read again what this user may do. */
  async function refresh(): Promise<void> {
    take(await client.account.session());
  }

  /** Ask whether the session still stands: a push connection that is refused does not say why. */
  async function verify(): Promise<void> {
    const outcome = await client.account.session();
    if (outcome.status === "problem" && outcome.problem.status === 401) client.connection.onLoggedOut();
    else take(outcome);
  }

  /** Log in. Who has a second factor is logged in by `giveCode` only. */
  async function logIn(name: string, password: string): Promise<Outcome<SessionView | CodeAwaited>> {
    const outcome = await client.account.logIn(name, password);
    if (outcome.status !== "ok") return take(outcome);
    return "csrf" in outcome.value ? take({ status: "ok", value: outcome.value }) : outcome;
  }

  async function giveCode(token: string, code: string): Promise<Outcome<SessionView>> {
    return take(await client.account.giveCode(token, code));
  }

  async function stateReason(words: string): Promise<Outcome<SessionView>> {
    return take(await client.account.stateReason(words));
  }

  async function logOut(): Promise<void> {
    await client.account.logOut();
    forget();
    tabs.postMessage(LOGGED_OUT);
  }

  function forget(): void {
    user.value = null;
    permissions.value = new Set();
  }

  /** Call `then` when another tab of this browser has logged out: the cookie is gone here as well. */
  function onLoggedOutElsewhere(then: () => void): void {
    tabs.onmessage = (event: MessageEvent) => {
      if (event.data !== LOGGED_OUT || user.value === null) return;
      forget();
      then();
    };
  }

  /** Whether all of these are permitted. What is not is hidden; the server refuses it in any case. */
  function may(...wanted: Permission[]): boolean {
    return wanted.every((one) => permissions.value.has(one));
  }

  return {
    user,
    reason,
    reasonFor,
    owesSecondFactor,
    bySignOn,
    isLoggedIn: computed(() => user.value !== null),
    may,
    ask,
    refresh,
    verify,
    logIn,
    giveCode,
    logOut,
    stateReason,
    forget,
    onLoggedOutElsewhere,
  };
});
