import { createPinia, setActivePinia } from "pinia";
import { describe, expect, it } from "vitest";

import { useSession } from "./session";

const LI = { id: "u1", name: "li", role: "officer" };

/** A session as another tab of the same browser has it. */
function tab(): ReturnType<typeof useSession> {
  setActivePinia(createPinia());
  const session = useSession();
  session.user = LI;
  return session;
}

describe("session", () => {
  it("ends in every tab when one logs out", async () => {
    const [here, there] = [tab(), tab()];
    const told = new Promise<void>((resolve) => {
      there.onLoggedOutElsewhere(resolve);
    });
    await here.logOut();
    await told;
    expect([here.isLoggedIn, there.isLoggedIn]).toEqual([false, false]);
  });

  it("permits nothing that the server did not name", () => {
    const session = tab();
    expect(session.may("board")).toBe(false);
    expect(session.may()).toBe(true);
  });
});
