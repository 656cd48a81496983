import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type App, type Component, createApp, nextTick } from "vue";

import { client } from "@/api/client";
import type { Announcement, Permission, SessionView } from "@/api/facts";
import AnnouncementBanner from "@/board/AnnouncementBanner.vue";
import { useBoard } from "@/board/store";
import { i18n } from "@/messages/text";
import { useSession } from "@/session/session";

import AnnouncementsPanel from "./AnnouncementsPanel.vue";

const NOON = Date.parse("2026-03-02T04:00:00Z");

const announcement = (id: string, change: Partial<Announcement> = {}): Announcement => ({
  id,
  hall: "h1",
  kind: "drill",
  interval: { start: "2026-03-02T03:30:00Z", end: "2026-03-02T04:30:00Z" },
  author: "wang",
  reason: "年度消防演练",
  created_at: "2026-03-02T03:30:00Z",
  windows: [],
  ended_at: null,
  ended_by: null,
  ...change,
});

const sessionOf = (permissions: readonly Permission[]): SessionView => ({
  user: { id: "u1", name: "wang", role: "officer" },
  permissions,
  reason: "",
  cameras: [],
  csrf: "",
  halls: [],
  reason_for: [], second_factor_owed: false, single_sign_on: false,
});

describe("announcements on the screen", () => {
  let told: Announcement[];
  let permitted: Permission[];
  let app: App;
  let root: HTMLElement;

  async function show(component: Component): Promise<void> {
    app = createApp(component);
    const pinia = createPinia();
    setActivePinia(pinia);
    app.use(pinia).use(i18n);
    useBoard().hallId = "h1";
    await useSession().refresh();
    app.mount(root);
    await vi.advanceTimersByTimeAsync(0);
    await nextTick();
  }

  const text = (): string => root.textContent.replace(/\s+/g, " ").trim();
  const banner = (): Element | null => root.querySelector('[data-testid="announcement-banner"]');

  beforeEach(() => {
    permitted = ["announce"];
    vi.spyOn(client.account, "session").mockImplementation(() => Promise.resolve({ status: "ok", value: sessionOf(permitted) }));
    vi.useFakeTimers({ now: NOON });
    root = document.createElement("div");
    vi.spyOn(client.alerts, "announcements").mockImplementation(() => Promise.resolve({ status: "ok", value: { items: told, next: null } }));
  });

  afterEach(() => {
    app.unmount();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("lists what, to whom, from when to when, who and why", async () => {
    told = [announcement("a1"), announcement("a2", { kind: "meeting", windows: ["w01"], reason: "集中学习" })];
    await show(AnnouncementsPanel);
    expect(text()).toContain("消防/应急演练 · 整个大厅");
    expect(text()).toContain("2026-03-02 11:30:00 至 2026-03-02 12:30:00");
    expect(text()).toContain("wang · 年度消防演练");
    expect(text()).toContain("集中学习/会议 · w01 号");
  });

  it("ends one and reads the list anew", async () => {
    told = [announcement("a1")];
    const ended = vi.spyOn(client.alerts, "endAnnouncement").mockImplementation((id) => {
      told = [];
      return Promise.resolve({ status: "ok", value: announcement(id, { ended_at: "2026-03-02T04:00:00Z", ended_by: "wang" }) });
    });
    await show(AnnouncementsPanel);
    root.querySelector<HTMLElement>('[data-testid="announcement-end"]')?.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toHaveBeenCalledWith("a1");
    expect(root.querySelector('[data-testid="announcement-end"]')).toBeNull();
  });

  it("begins one at the time that was typed, and never at once because it was typed wrong", async () => {
    told = [];
    const added = vi.spyOn(client.alerts, "addAnnouncement").mockResolvedValue({ status: "ok", value: announcement("a1") });
    await show(AnnouncementsPanel);
    root.querySelector<HTMLElement>('[data-testid="announcement-add"]')?.click();
    await vi.advanceTimersByTimeAsync(500);
    const type = (field: string, typed: string): void => {
      const input = document.querySelector<HTMLInputElement>(`input[data-testid="announcement-${field}"]`);
      if (input === null) throw new Error(`there is no field ${field}`);
      input.value = typed;
      input.dispatchEvent(new Event("input"));
    };
    const submit = async (): Promise<void> => {
      await nextTick();
      document.querySelector<HTMLElement>('[data-testid="announcement-submit"]')?.click();
      await vi.advanceTimersByTimeAsync(0);
    };
    type("reason", "年度消防演练");
    type("from", "12:3");
    await submit();
    expect(added).not.toHaveBeenCalled();
    expect(document.body.textContent).toContain("没有这个时间");
    type("from", "12:30");
    await submit();
    expect(added).toHaveBeenCalledWith(
      expect.objectContaining({ from: "2026-03-02T04:30:00.000Z", to: "2026-03-02T05:00:00.000Z", reason: "年度消防演练" }),
    );
  });

  it("gives no button to who may not announce", async () => {
    permitted = [];
    told = [announcement("a1")];
    await show(AnnouncementsPanel);
    expect(text()).toContain("wang · 年度消防演练");
    expect(root.querySelector("button")).toBeNull();
  });

  it("says in one line that none is in force", async () => {
    told = [announcement("a1", { ended_at: "2026-03-02T03:40:00Z", ended_by: "wang" })];
    await show(AnnouncementsPanel);
    expect(root.querySelector("[data-face=empty]")?.textContent).toBe("目前没有生效或计划的公告");
  });

  it("stands above the board while one is in force, and not before or after", async () => {
    told = [announcement("a1"), announcement("a2", { interval: { start: "2026-03-02T04:20:00Z", end: "2026-03-02T05:00:00Z" }, reason: "会议" })];
    await show(AnnouncementBanner);
    expect(text()).toBe("消防/应急演练 · 整个大厅 · 至 12:30:00 · 年度消防演练");
    await vi.advanceTimersByTimeAsync(25 * 60_000);
    expect(root.querySelectorAll("li")).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(40 * 60_000);
    expect(banner()).toBeNull();
  });

  it("is read anew when the push tells of one", async () => {
    told = [];
    await show(AnnouncementBanner);
    expect(banner()).toBeNull();
    told = [announcement("a1")];
    useBoard().announced += 1;
    await vi.advanceTimersByTimeAsync(0);
    await nextTick();
    expect(banner()).not.toBeNull();
  });
});
