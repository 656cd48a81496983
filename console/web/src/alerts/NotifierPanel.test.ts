import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type App, createApp, nextTick } from "vue";

import { client } from "@/api/client";
import type { Notifications, NotifierView, TrialView } from "@/api/facts";
import { i18n } from "@/messages/text";

import NotifierPanel from "./NotifierPanel.vue";

const NOON = "2026-03-02T04:00:00Z";
const ONE = "2026-03-02T05:00:00Z";

const notifier = (id: string, change: Partial<NotifierView> = {}): NotifierView => ({
  id,
  kind: "wecom",
  waiting: 0,
  told_at: NOON,
  failing_since: null,
  failure: null,
  trial: null,
  ...change,
});

const refused = (id: string, at: string): Notifications["failures"][number] => ({
  notifier: id,
  alert: "a1",
  revision: 1,
  at,
  reason: { zh: "机器人拒收（代码 45002）", en: "the robot refused the message (code 45002)" },
});

describe("the panel of notifiers", () => {
  let told: Notifications;
  let app: App;
  let root: HTMLElement;

  async function show(): Promise<void> {
    app = createApp(NotifierPanel);
    app.use(createPinia()).use(i18n);
    app.mount(root);
    await vi.advanceTimersByTimeAsync(0);
    await nextTick();
  }

  const row = (id: string): string => root.querySelector(`[data-testid="notifier-${id}"]`)?.textContent.replace(/\s+/g, " ").trim() ?? "";
  const isOpen = (): boolean => root.querySelector("details")?.open ?? false;

  beforeEach(() => {
    vi.useFakeTimers();
    setActivePinia(createPinia());
    root = document.createElement("div");
    vi.spyOn(client.alerts, "notifications").mockImplementation(() => Promise.resolve({ status: "ok", value: told }));
  });

  afterEach(() => {
    app.unmount();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("stays closed while all is well", async () => {
    told = { notifiers: [notifier("duty")], failures: [refused("duty", "2026-03-02T03:00:00Z")] };
    await show();
    expect(isOpen()).toBe(false);
    expect(row("duty")).toContain("最近送达 2026-03-02 12:00:00");
  });

  it("opens and says since when and why one cannot deliver, and how much waits", async () => {
    const failure = { zh: "机器人不接受令牌", en: "the robot refuses the token" };
    told = { notifiers: [notifier("duty", { failing_since: ONE, failure, waiting: 12 })], failures: [] };
    await show();
    expect(isOpen()).toBe(true);
    expect(row("duty")).toContain("自 2026-03-02 13:00:00 起无法送达：机器人不接受令牌");
    expect(row("duty")).toContain("12 条等待");
  });

  it("says that the latest message was refused, until one is taken", async () => {
    told = { notifiers: [notifier("duty")], failures: [refused("duty", ONE)] };
    await show();
    expect(isOpen()).toBe(true);
    expect(row("duty")).toContain("最近一条于 2026-03-02 13:00:00 被拒收：机器人拒收（代码 45002）");
  });

  it("waits for what became of a test, and says it", async () => {
    const trial: TrialView = { asked_at: ONE, asked_by: "wang", done_at: null, failure: null };
    vi.spyOn(client.alerts, "tryNotifier").mockImplementation(() => Promise.resolve({ status: "ok", value: trial }));
    told = { notifiers: [notifier("duty")], failures: [] };
    await show();
    root.querySelector<HTMLButtonElement>('[data-testid="notifier-duty"] button')?.click();
    await vi.advanceTimersByTimeAsync(1500);
    expect(row("duty")).toContain("测试消息已交付发送");
    told = { ...told, notifiers: [notifier("duty", { trial: { ...trial, done_at: ONE, failure: { zh: "对方应答 503", en: "503" } } })] };
    await vi.advanceTimersByTimeAsync(1500);
    expect(row("duty")).toContain("测试失败：对方应答 503");
  });
});
