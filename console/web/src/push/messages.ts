/** What the console pushes, told apart by `kind`; the body of a fact has the type of its kind. */
import type { components } from "@/api/schema";
import type { Alert, Flip, Gap, Observation, Period, SegmentView, Ticket, Transaction, WindowStatus } from "@/api/facts";

type Schemas = components["schemas"];
type FactKind = Schemas["FactKind"];

/** What is read of a run: one unbroken connection to a camera. */
export interface RunFact {
  readonly camera: string;
  readonly interval: Schemas["Interval"];
}

interface Bodies {
  readonly alert: Alert;
  readonly flip: Flip;
  readonly gap: Gap;
  readonly observation: Observation;
  readonly period: Period;
  readonly run: RunFact;
  readonly segment: Pick<SegmentView, "camera" | "interval">;
  readonly ticket: Ticket;
  readonly transaction: Transaction;
  readonly window_status: WindowStatus;
}

type BodyOf<Kind extends FactKind> = Kind extends keyof Bodies ? Bodies[Kind] : Readonly<Record<string, unknown>>;

/** One pushed fact. */
export type Fact = {
  [Kind in FactKind]: { readonly seq: number; readonly kind: Kind; readonly at: string; readonly body: BodyOf<Kind> };
}[FactKind];

/** Where people are in the picture of a camera that is watched: no fact, and never repeated. */
export type Sighting = Schemas["Sighting"];

/** Any message of the push connection. */
export type PushMessage = Fact | Schemas["PushSighting"] | Schemas["PushHello"] | Schemas["PushTick"] | Schemas["PushReset"];

/** The message in a text frame, or null when it is none. The server's own types are trusted beyond its envelope. */
export function readMessage(text: string): PushMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || !("kind" in value) || typeof value.kind !== "string") return null;
  if (value.kind !== "reset" && value.kind !== "sighting" && !("seq" in value && typeof value.seq === "number")) return null;
  return value as PushMessage;
}
