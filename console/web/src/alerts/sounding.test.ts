import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type App, createApp, nextTick } from "vue";

import type { Alert, Severity, UserView } from "@/api/facts";
import { useBoard } from "@/board/store";
import { useSession } from "@/session/session";

import { useSoundNotices } from "./sound";
import { gravest, isHeard, keepSettings, settingsOf, SILENT } from "./sounding";

const alert = (id: string, severity: Severity): Alert => ({ id, severity }) as Alert;

describe("the sound of new alerts", () => {
  let heard: Severity[];
  let app: App;

  /** A page that begins, for an officer. */
  async function open(officer: string): Promise<ReturnType<typeof useBoard>> {
    const pinia = createPinia();
    setActivePinia(pinia);
    app = createApp({
      setup: () => {
        useSoundNotices((severity) => heard.push(severity));
        return () => null;
      },
    });
    app.use(pinia).mount(document.createElement("div"));
    useSession().user = { name: officer } as UserView;
    await nextTick();
    return useBoard();
  }

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    heard = [];
    keepSettings("wang", { ...SILENT, isOn: true, from: "warning" });
  });

  afterEach(() => {
    app.unmount();
    vi.useRealTimers();
  });

  it("is one for what arises at once: that of the gravest", async () => {
    const board = await open("wang");
    board.news = { kind: "new", alert: alert("a", "warning") };
    board.news = { kind: "new", alert: alert("b", "serious") };
    vi.runAllTimers();
    expect(heard).toEqual(["serious"]);
  });

  it("is never that of an alert that was heard before, not even by a page that is opened anew", async () => {
    const board = await open("wang");
    board.news = { kind: "new", alert: alert("a", "warning") };
    vi.runAllTimers();
    board.news = { kind: "new", alert: alert("a", "warning") };
    vi.runAllTimers();
    app.unmount();
    const again = await open("wang");
    again.news = { kind: "new", alert: alert("a", "warning") };
    vi.runAllTimers();
    expect(heard).toEqual(["warning"]);
  });

  it("is not made for what ends, for less than was asked for, or for an officer who has not switched it on", async () => {
    const board = await open("wang");
    board.news = { kind: "ended", alert: alert("a", "serious") };
    board.news = { kind: "new", alert: alert("b", "attention") };
    vi.runAllTimers();
    app.unmount();
    const other = await open("li");
    other.news = { kind: "new", alert: alert("c", "serious") };
    vi.runAllTimers();
    expect(heard).toEqual([]);
  });

  it("is kept per officer, and what the browser has kept wrongly is passed over", () => {
    localStorage.setItem("hallwatch.sound.li", '{"isOn":"yes","volume":7,"from":"all"}');
    localStorage.setItem("hallwatch.sound.qian", "no JSON");
    expect(settingsOf("wang").from).toBe("warning");
    expect([settingsOf("li"), settingsOf("qian"), settingsOf("nobody")]).toEqual([SILENT, SILENT, SILENT]);
    expect(isHeard({ severity: "serious" }, SILENT)).toBe(false);
    expect(gravest([])).toBeNull();
    expect(gravest(["attention", "warning"])).toBe("warning");
  });
});
