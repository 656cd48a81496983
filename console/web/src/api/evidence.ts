import { address, API, type Parameters } from "./address";
import { Calls } from "./connection";
import type { Export, ExportRequest, Lock, LockRequest, Page, SigningKey } from "./facts";
import type { Outcome } from "./outcome";

/** Which locks are sought. `from` and `to` in milliseconds, both or none. */
export interface LockQuery {
  readonly hall?: string;
  readonly holding?: boolean;
  readonly kind?: Lock["kind"] | undefined;
  readonly cameras?: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly text?: string;
  readonly cursor?: string;
}

function lockAddress({ hall, holding, kind, cameras, from, to, text, cursor }: LockQuery): string {
  const query = new URLSearchParams((cameras ?? []).map((camera) => ["camera", camera]));
  const bounds = from === undefined || to === undefined ? {} : { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const others: Parameters = { hall, kind, text, cursor, ...bounds, ...(holding ? { holding: "true" } : {}) };
  for (const [name, value] of Object.entries(others)) if (value) query.set(name, value);
  return `${API}/locks?${query.toString()}`;
}

/** Where an evidence package is fetched. */
export function evidencePackage(id: string): string {
  return address(`/evidence/${encodeURIComponent(id)}/package`);
}

/** Evidence packages, and locks on what they are made of. */
export class EvidenceCalls extends Calls {
  packages(hall: string, cursor?: string): Promise<Outcome<Page<Export>>> {
    return this.connection.json("GET", address("/evidence", { hall, cursor }));
  }

  /** Order an evidence package; it is made in the background. */
  order(order: ExportRequest): Promise<Outcome<Export>> {
    return this.connection.json("POST", address("/evidence"), order);
  }

  /** Delete a package; that it was made stays known. */
  remove(id: string): Promise<Outcome<Export>> {
    return this.connection.json("DELETE", address(`/evidence/${encodeURIComponent(id)}`));
  }

  /** The key with which packages are signed here. */
  signingKey(): Promise<Outcome<SigningKey>> {
    return this.connection.json("GET", address("/evidence/signing-key"));
  }

  /** Locks, the newest first. */
  locks(query: LockQuery): Promise<Outcome<Page<Lock>>> {
    return this.connection.json("GET", lockAddress(query));
  }

  addLock(asked: LockRequest): Promise<Outcome<Lock>> {
    return this.connection.json("POST", address("/locks"), asked);
  }

  /** Let a lock hold until a later moment; null: until it is released. */
  prolongLock(id: string, until: string | null, reason: string): Promise<Outcome<Lock>> {
    return this.connection.json("POST", address(`/locks/${encodeURIComponent(id)}/prolong`), { expires_at: until, reason });
  }

  releaseLock(id: string, reason: string): Promise<Outcome<Lock>> {
    return this.connection.json("POST", address(`/locks/${encodeURIComponent(id)}/release`), { reason });
  }
}
