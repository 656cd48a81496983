import { address } from "./address";
import { Calls } from "./connection";
import type { AuditEntry, AuditNames, Page } from "./facts";
import type { Outcome } from "./outcome";

export interface AuditQuery {
  readonly who?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly before?: string;
}

/** The audit trail. */
export class AuditCalls extends Calls {
  /** The audit trail, the newest first. */
  entries(query: AuditQuery): Promise<Outcome<Page<AuditEntry>>> {
    return this.connection.json("GET", address("/audit", { ...query }));
  }

  names(): Promise<Outcome<AuditNames>> {
    return this.connection.json("GET", address("/audit/names"));
  }
}
