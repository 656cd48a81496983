import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type App, createApp, nextTick } from "vue";

import { client } from "@/api/client";
import type { Alert, Rule, RuleVersion } from "@/api/facts";
import { i18n } from "@/messages/text";

import AlertRule from "./AlertRule.vue";

const RULE: Rule = {
  id: "absence", kind: "absence", version: 1, severity: "warning", enabled: true, limit_seconds: 300,
  basis: { zh: "省政务服务规范第十二条", en: "Provincial code, article 12" }, exempt: null, schedule: null,
  scope: { units: [], windows: [], items: [], steps: [], cameras: [] }, stale_seconds: 30, allowed_pauses: {},
  raises: [{ severity: "serious", after_seconds: 900, people: null }],
};
const ALERT = { id: "a1", rule: "absence", rule_version: 1, subject: { hall: "gulou" } } as Alert;
const FIRST: RuleVersion = { rule: RULE, since: "2026-03-01T00:00:00Z", until: null, by: "", configuration: 1 };

describe("the rule of an alert", () => {
  let versions: readonly RuleVersion[];
  let app: App;
  let root: HTMLElement;

  async function shown(locale: "zh-CN" | "en"): Promise<string> {
    i18n.global.locale.value = locale;
    app = createApp(AlertRule, { alert: ALERT });
    app.use(createPinia()).use(i18n);
    app.mount(root);
    await new Promise((resolve) => setTimeout(resolve));
    await nextTick();
    return root.textContent.replace(/\s+/g, " ");
  }

  beforeEach(() => {
    setActivePinia(createPinia());
    root = document.createElement("div");
    vi.spyOn(client.alerts, "ruleVersions").mockImplementation(() => Promise.resolve({ status: "ok", value: { items: versions } }));
  });

  afterEach(() => {
    app.unmount();
    vi.restoreAllMocks();
    i18n.global.locale.value = "zh-CN";
  });

  it("is told with its limit, its ladder and its basis in the reader's language", async () => {
    versions = [FIRST];
    const chinese = await shown("zh-CN");
    for (const part of ["依据规则 absence 第 1 版", "限 5 分钟", "满 15 分钟为严重", "依据：省政务服务规范第十二条"]) {
      expect(chinese).toContain(part);
    }
    app.unmount();
    const english = await shown("en");
    for (const part of ["Under rule absence, version 1", "limit 5 min", "Serious after 15 min", "Basis: Provincial code, article 12"]) {
      expect(english).toContain(part);
    }
    expect(root.querySelector("[data-testid='rule-newer']")).toBeNull();
  });

  it("says when there is a newer version by now, and tells the limit of its own", async () => {
    const until = "2026-03-02T00:00:00Z";
    versions = [{ ...FIRST, until }, { rule: { ...RULE, version: 2, limit_seconds: 60 }, since: until, until: null, by: "li", configuration: 2 }];
    const told = await shown("zh-CN");
    expect(told).toContain("限 5 分钟");
    expect(root.querySelector("[data-testid='rule-newer']")?.textContent).toContain("规则现为第 2 版");
  });

  it("says when the rule is gone", async () => {
    versions = [{ ...FIRST, until: "2026-03-02T00:00:00Z" }];
    await shown("zh-CN");
    expect(root.querySelector("[data-testid='rule-gone']")?.textContent).toContain("不再施行");
  });
});
