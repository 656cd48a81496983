/** Everything that the app asks of the console, by subject. Types come out of the server's OpenAPI. */
import { AccountCalls } from "./account";
import { AlertCalls } from "./alerts";
import { AuditCalls } from "./audit";
import { CameraSetupCalls } from "./cameraSetup";
import { ConfigurationCalls } from "./configuration";
import { Connection } from "./connection";
import { EvidenceCalls } from "./evidence";
import { HallCalls } from "./halls";
import { LiveCalls } from "./live";
import { QueueCalls } from "./queue";
import { RecordCalls } from "./records";
import { RosterCalls } from "./roster";
import { SystemCalls } from "./system";
import { UserCalls } from "./users";

/** The calls to the console at an address; to the one that served the page, for none. */
export function clientOf(base: string) {
  const connection = new Connection(base);
  return {
    connection,
    account: new AccountCalls(connection),
    users: new UserCalls(connection),
    system: new SystemCalls(connection),
    queue: new QueueCalls(connection),
    audit: new AuditCalls(connection),
    halls: new HallCalls(connection),
    records: new RecordCalls(connection),
    alerts: new AlertCalls(connection),
    evidence: new EvidenceCalls(connection),
    live: new LiveCalls(connection),
    configuration: new ConfigurationCalls(connection),
    cameraSetup: new CameraSetupCalls(connection),
    roster: new RosterCalls(connection),
  } as const;
}

export type Client = ReturnType<typeof clientOf>;

/** The client of the whole app. */
export const client = clientOf("");
