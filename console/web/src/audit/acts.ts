/** The acts that stand in the audit trail, in words. */
import type { MessageKey } from "@/messages/text";
import { zhCN } from "@/messages/zh-CN";

/** The text of an act; null for one that this page has no words for: it is shown as it is called. */
export function wordsOf(action: string): MessageKey | null {
  return Object.hasOwn(zhCN.act, action) ? (`act.${action}` as MessageKey) : null;
}
