/** A refused queue event as somebody mended it. */
import type { Mended } from "@/api/facts";

/** The event as lines that can be read and mended; what is no JSON stays as it came. */
export function laidOut(raw: string): string {
  const event = parsed(raw);
  return event === null ? raw : JSON.stringify(event, null, 2);
}

/** What is sent: the event, or null when the text is no JSON object. */
export function parsed(text: string): Mended | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mended) : null;
  } catch {
    return null;
  }
}

/** Whether the words say something else than the event as it came: spaces and line ends count for nothing. */
export function isMended(raw: string, text: string): boolean {
  return text !== laidOut(raw);
}
