import { address } from "./address";
import { Calls } from "./connection";
import type { EventAccepted, Mended, Page, RefusedEvent, Ticket } from "./facts";
import type { Outcome } from "./outcome";

/** What queue systems told: tickets, and events that were refused. */
export class QueueCalls extends Calls {
  waitingTickets(hall: string, cursor?: string): Promise<Outcome<Page<Ticket>>> {
    return this.connection.json("GET", address("/tickets", { hall, status: "waiting", cursor }));
  }

  /** Queue events that were refused, the newest first; long ones shortened. */
  refusedEvents(state: "open" | "settled", cursor?: string): Promise<Outcome<Page<RefusedEvent>>> {
    return this.connection.json("GET", address("/queue-events/refused", { state, cursor }));
  }

  /** One refused event, whole. */
  refusedEvent(id: number): Promise<Outcome<RefusedEvent>> {
    return this.connection.json("GET", address(`/queue-events/refused/${id}`));
  }

  /** Try a refused event again, or `event` in its place. */
  replayRefused(id: number, event?: Mended): Promise<Outcome<EventAccepted>> {
    return this.connection.json("POST", address(`/queue-events/refused/${id}/replay`), event === undefined ? undefined : { event });
  }

  discardRefused(id: number, reason: string): Promise<Outcome<RefusedEvent>> {
    return this.connection.json("POST", address(`/queue-events/refused/${id}/discard`), { reason });
  }
}
