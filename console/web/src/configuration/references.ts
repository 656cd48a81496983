/** What stands in the way of removing a part of the configuration, in words, with the screen where that is changed. */
import type { RouteLocationRaw } from "vue-router";

import type { ReferenceList } from "@/api/facts";
import type { MessageKey, Texts } from "@/messages/text";

/** One line of the reasons. */
export interface Hindrance {
  readonly key: string;
  readonly words: string;
  readonly to: RouteLocationRaw | null;
}

/** What the hall calls one of a collection. */
export type Called = (collection: string, id: string) => string;

interface Screen {
  readonly words: MessageKey;
  readonly to: (id: string) => RouteLocationRaw;
}

const SCREENS: Readonly<Partial<Record<string, Screen>>> = {
  windows: { words: "references.window", to: (one) => ({ name: "admin-windows", params: { one } }) },
  staff: { words: "references.person", to: (one) => ({ name: "admin-staff", params: { one } }) },
  cameras: { words: "references.camera", to: (camera) => ({ name: "admin-zones", params: { camera } }) },
  items: { words: "references.item", to: (one) => ({ name: "admin-items", params: { one } }) },
  rules: { words: "references.rule", to: (one) => ({ name: "admin-rules", params: { one } }) },
};

/** The reasons why one of `collection` cannot be removed yet; none when it can. */
export function hindrances(told: ReferenceList, collection: string, called: Called, exists: (route: string) => boolean, t: Texts["t"]): readonly Hindrance[] {
  const named = told.items.map((one): Hindrance => {
    const key = `${one.collection}/${one.id ?? ""}`;
    const screen = SCREENS[one.collection];
    if (one.id === null && one.collection === collection) return { key, words: t("references.last"), to: null };
    if (one.id === null && one.collection === "cameras") return { key, words: t("references.hiddenCamera"), to: null };
    if (one.id === null || screen === undefined) return { key, words: [one.collection, one.id, one.message].filter((part) => part).join(" · "), to: null };
    const to = screen.to(one.id);
    const isThere = typeof to === "object" && "name" in to && exists(String(to.name));
    return { key, words: t(screen.words, { name: called(one.collection, one.id) }), to: isThere ? to : null };
  });
  const planned: Hindrance[] = [];
  const roster = exists("admin-roster") ? { name: "admin-roster" } : null;
  if (told.shifts > 0) planned.push({ key: "shifts", words: t("references.shifts", { n: told.shifts, day: told.shifts_from ?? "" }), to: roster });
  if (told.leaves > 0) planned.push({ key: "leaves", words: t("references.leaves", { n: told.leaves }), to: roster });
  return [...named, ...planned];
}
