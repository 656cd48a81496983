import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createApp, type App } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";

import type { Alert } from "@/api/facts";
import { useBoard } from "@/board/store";
import { i18n } from "@/messages/text";

import { desktopState, useDesktopNotices, wantDesktop } from "./desktop";

interface Shown {
  readonly title: string;
  readonly body: string | undefined;
  readonly tag: string | undefined;
}

const alert = (id: string): Alert => ({
  id,
  kind: "absence",
  rule: "absence",
  rule_version: 1,
  severity: "warning",
  status: "open",
  subject: { hall: "h1", window: "w01", camera: null, ticket: null, ticket_number: null, disk: null, transaction: null, serial: null },
  interval: { start: "2026-03-02T02:00:00Z", end: null },
  opened_at: "2026-03-02T02:05:00Z",
  reason: { key: "absence.found", values: {}, zh: "1号窗口无人在岗", en: "Window 1 has been unattended" },
  revision: 1,
  cameras: [],
  assignee: null,
  snoozed_until: null,
  level: 0,
});

describe("desktop notifications", () => {
  let shown: Shown[];
  let permission: NotificationPermission;
  let answer: NotificationPermission;
  let visibility: DocumentVisibilityState;
  let app: App;

  beforeEach(() => {
    shown = [];
    permission = "default";
    answer = "granted";
    visibility = "hidden";
    localStorage.clear();
    class Browser {
      static get permission(): NotificationPermission {
        return permission;
      }
      static async requestPermission(): Promise<NotificationPermission> {
        permission = answer;
        return Promise.resolve(permission);
      }
      onclick: (() => void) | null = null;
      constructor(title: string, options: NotificationOptions) {
        shown.push({ title, body: options.body, tag: options.tag });
      }
    }
    vi.stubGlobal("Notification", Browser);
    Object.defineProperty(window, "isSecureContext", { value: true, configurable: true });
    Object.defineProperty(document, "visibilityState", { get: () => visibility, configurable: true });
    const pinia = createPinia();
    setActivePinia(pinia);
    app = createApp({
      setup: () => {
        useDesktopNotices();
        return () => null;
      },
    });
    app.use(pinia).use(i18n).use(createRouter({ history: createMemoryHistory(), routes: [{ path: "/", component: { render: () => null } }] }));
    app.mount(document.createElement("div"));
  });

  afterEach(() => {
    app.unmount();
    vi.unstubAllGlobals();
  });

  it("shows each new alert while the page is in the background", async () => {
    expect(await wantDesktop(true)).toBe("on");
    const board = useBoard();
    board.news = { kind: "new", alert: alert("a1") };
    board.news = { kind: "new", alert: alert("a2") };
    expect(shown).toEqual([
      { title: "预警 · 离岗", body: "1号窗口无人在岗", tag: "a1" },
      { title: "预警 · 离岗", body: "1号窗口无人在岗", tag: "a2" },
    ]);
  });

  it("shows nothing that has ended, nothing while the page is seen, and nothing that nobody wants", async () => {
    const board = useBoard();
    board.news = { kind: "new", alert: alert("a1") };
    await wantDesktop(true);
    board.news = { kind: "ended", alert: alert("a2") };
    visibility = "visible";
    board.news = { kind: "new", alert: alert("a3") };
    visibility = "hidden";
    expect(await wantDesktop(false)).toBe("off");
    board.news = { kind: "new", alert: alert("a4") };
    expect(shown).toEqual([]);
  });

  it("says when the browser forbids it or cannot do it", async () => {
    answer = "denied";
    expect(await wantDesktop(true)).toBe("denied");
    Object.defineProperty(window, "isSecureContext", { value: false, configurable: true });
    expect(desktopState()).toBe("insecure");
  });
});
