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

export class Client {
  readonly connection: Connection;
  readonly account: AccountCalls;
  readonly users: UserCalls;
  readonly system: SystemCalls;
  readonly queue: QueueCalls;
  readonly audit: AuditCalls;
  readonly halls: HallCalls;
  readonly records: RecordCalls;
  readonly alerts: AlertCalls;
  readonly evidence: EvidenceCalls;
  readonly live: LiveCalls;
  readonly configuration: ConfigurationCalls;
  readonly cameraSetup: CameraSetupCalls;
  readonly roster: RosterCalls;

  constructor(base = "") {
    const connection = new Connection(base);
    this.connection = connection;
    this.account = new AccountCalls(connection);
    this.users = new UserCalls(connection);
    this.system = new SystemCalls(connection);
    this.queue = new QueueCalls(connection);
    this.audit = new AuditCalls(connection);
    this.halls = new HallCalls(connection);
    this.records = new RecordCalls(connection);
    this.alerts = new AlertCalls(connection);
    this.evidence = new EvidenceCalls(connection);
    this.live = new LiveCalls(connection);
    this.configuration = new ConfigurationCalls(connection);
    this.cameraSetup = new CameraSetupCalls(connection);
    this.roster = new RosterCalls(connection);
  }
}

/** The client of the whole app. */
export const client = new Client();
