import { address } from "./address";
import { Calls } from "./connection";
import type { Guide, Storage, SystemHealth } from "./facts";
import type { Outcome } from "./outcome";

/** How the system is: processes, disks, cameras, backlogs, and how far a hall is set up. */
export class SystemCalls extends Calls {
  /** How processes, disks, cameras and backlogs are. */
  health(): Promise<Outcome<SystemHealth>> {
    return this.connection.json("GET", address("/system"));
  }

  /** What each camera takes and holds, and what retention deletes next. */
  storage(): Promise<Outcome<Storage>> {
    return this.connection.json("GET", address("/system/storage"));
  }

  /** How far a hall is set up. */
  guide(hall: string): Promise<Outcome<Guide>> {
    return this.connection.json("GET", address("/system/guide", { hall }));
  }
}
