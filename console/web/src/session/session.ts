/** Who is logged in. */
import { defineStore } from "pinia";
import { computed, ref } from "vue";

import { client, type Outcome } from "@/api/client";
import type { SessionView, UserView } from "@/api/facts";

export const useSession = defineStore("session", () => {
  const user = ref<UserView | null>(null);
  /** True once the server has said whether somebody is logged in. */
  const asked = ref(false);

  function take(outcome: Outcome<SessionView>): Outcome<SessionView> {
    if (outcome.status === "ok") user.value = outcome.value.user;
    asked.value ||= outcome.status !== "unreachable";
    return outcome;
  }

  async function ask(): Promise<boolean> {
    if (!asked.value) take(await client.session());
    return user.value !== null;
  }

  async function logIn(name: string, password: string): Promise<Outcome<SessionView>> {
    return take(await client.logIn(name, password));
  }

  async function logOut(): Promise<void> {
    await client.logOut();
    user.value = null;
  }

  function forget(): void {
    user.value = null;
  }

  return { user, isLoggedIn: computed(() => user.value !== null), ask, logIn, logOut, forget };
});
