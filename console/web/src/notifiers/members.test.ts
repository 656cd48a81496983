import { describe, expect, it } from "vitest";

import type { MessageKey } from "@/messages/text";

import { type ConfiguredNotifier, everyMember, hearingMembers, notifierForm, type NotifierKind, notifierOf, reachMembers, wayMembers } from "./members";

const t = (key: MessageKey): string => key;
const called = (): string => "Hall";
const every = everyMember([], t, called);
const ofKind = (kind: NotifierKind): ReturnType<typeof reachMembers> => [...reachMembers(kind, t), ...wayMembers(kind, t), ...hearingMembers([], t, called)];

describe("the form of a notifier", () => {
  it("gives a mail its own members and no others", () => {
    const form = { ...notifierForm(every, null), id: " duty ", host: "mail.example", sender: "a@b.cn", recipients: "c@d.cn\ne@f.cn", url: "https://typed.before/" };
    expect(notifierOf(ofKind("email"), form, null)).toEqual({
      id: "duty", kind: "email", host: "mail.example", security: "starttls", sender: "a@b.cn", recipients: ["c@d.cn", "e@f.cn"],
      language: "zh-CN", severities: ["attention", "warning", "serious"], halls: [], kinds: [], statuses: [],
    });
  });

  it("keeps of a light the levels that have an address, with what the form does not show", () => {
    const light: ConfiguredNotifier = {
      id: "light", kind: "signal", severities: ["serious"], shows: "new",
      calls: { serious: { url: "http://l/red", method: "GET", body: "on" }, clear: { url: "http://l/off", method: "POST" } },
    };
    const form = { ...notifierForm(every, light), "calls.clear.url": "", "calls.warning.url": "http://l/yellow" };
    expect(notifierOf(ofKind("signal"), form, light).calls).toEqual({
      serious: { url: "http://l/red", method: "GET", body: "on" }, warning: { url: "http://l/yellow", method: "POST" },
    });
  });

  it("sends a hidden secret back as it was shown, and the file of one untouched", () => {
    const hook: ConfiguredNotifier = { id: "w", kind: "webhook", url: "https://h/?token=•••", secret_file: "/etc/secret", severities: ["serious"], halls: [], kinds: [], statuses: [] };
    expect(notifierOf(ofKind("webhook"), notifierForm(every, hook), hook)).toEqual(hook);
  });
});
