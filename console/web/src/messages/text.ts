/**
 * The language of the screens: which one, kept over visits, and typed access to its texts.
 *
 * A key that does not exist is a type error; that both languages have the same keys is one too.
 */
import { computed, type ComputedRef } from "vue";
import { createI18n, useI18n } from "vue-i18n";

import type { Text } from "@/api/facts";

import { en } from "./en";
import { type Messages, zhCN } from "./zh-CN";

export type Locale = "zh-CN" | "en";

type Paths<T, Prefix extends string = ""> = {
  [Key in keyof T & string]: T[Key] extends string ? `${Prefix}${Key}` : Paths<T[Key], `${Prefix}${Key}.`>;
}[keyof T & string];

/** The dotted name of one text. */
export type MessageKey = Paths<Messages>;

export type Values = Readonly<Record<string, string | number>>;

/** The texts of the current language. */
export interface Texts {
  readonly locale: ComputedRef<Locale>;
  readonly t: (key: MessageKey, values?: Values) => string;
  /** A name that the hall itself has in both languages. */
  readonly name: (text: Text | null | undefined) => string;
  readonly setLocale: (locale: Locale) => void;
}

const KEPT_AS = "hallwatch.locale";

/** The language chosen at an earlier visit, or simplified Chinese. */
export function keptLocale(): Locale {
  return localStorage.getItem(KEPT_AS) === "en" ? "en" : "zh-CN";
}

export const i18n = createI18n({
  legacy: false,
  locale: keptLocale(),
  fallbackLocale: "zh-CN",
  messages: { "zh-CN": zhCN, en },
});

/** The texts, for components. */
export function useTexts(): Texts {
  const composer = useI18n({ useScope: "global" });
  const locale = computed<Locale>(() => (composer.locale.value === "en" ? "en" : "zh-CN"));
  return {
    locale,
    t: (key, values = {}) => composer.t(key, { ...values }),
    name: (text) => (text ? (locale.value === "en" ? text.en : text.zh) : ""),
    setLocale: (next) => {
      composer.locale.value = next;
      localStorage.setItem(KEPT_AS, next);
      document.documentElement.lang = next;
    },
  };
}
