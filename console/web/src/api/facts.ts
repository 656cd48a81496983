/** The facts and views of the API under their own names, out of the generated types. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Alert = Schemas["Alert"];
export type AuditEntry = Schemas["AuditEntryView"];
export type AuditNames = Schemas["AuditNames"];
export type AlertAction = Schemas["AlertAction"]["action"];
export type AlertDetail = Schemas["AlertDetail"];
export type AlertKind = Schemas["AlertKind"];
export type AlertStatus = Schemas["AlertStatus"];
export type Announcement = Schemas["Announcement"];
export type AnnouncementKind = Schemas["AnnouncementKind"];
export type AnnouncementRequest = Schemas["AnnouncementRequest"];
export type Board = Schemas["Board"];
export type BoardWindow = Schemas["BoardWindow"];
export type CameraHealth = Schemas["CameraHealth"];
export type CameraState = Schemas["CameraState"];
export type CameraRecord = Schemas["CameraRecord"];
export type CameraView = Schemas["CameraView"];
export type CodeAwaited = Schemas["CodeAwaitedView"];
export type CalendarDay = Schemas["CalendarDayView"];
export type CalendarYear = Schemas["CalendarYearView"];
export type CalendarYearRequest = Schemas["CalendarYearRequest"];
export type EnteredLeave = Schemas["EnteredLeave"];
export type EnteredShift = Schemas["EnteredShift"];
export type Export = Schemas["Export"];
export type ExportRequest = Schemas["ExportRequest"];
export type FailedDelivery = Schemas["FailedDeliveryView"];
export type FalseAlarmRate = Schemas["FalseAlarmRate"];
export type Flip = Schemas["Flip"];
export type Gap = Schemas["Gap"];
export type GapReason = Schemas["GapReason"];
export type HallView = Schemas["HallView"];
export type Interval = Schemas["Interval"];
export type LiveLayout = Schemas["LayoutView"];
export type LiveLayouts = Schemas["LayoutList"];
export type LiveLayoutRequest = Schemas["LayoutRequest"];
export type KeyRequest = Schemas["KeyRequest"];
export type KeyView = Schemas["KeyView"];
export type LogInWays = Schemas["LogInWays"];
export type EventAccepted = Schemas["EventAccepted"];
/** A queue event in the place of a refused one. */
export type Mended = NonNullable<Schemas["Replay"]["event"]>;
export type NewKey = Schemas["NewKey"];
export type Lock = Schemas["Lock"];
export type LockRequest = Schemas["LockRequest"];
export type NotifierView = Schemas["NotifierView"];
export type Notifications = Schemas["Notifications"];
export type Observation = Schemas["Observation"];
export type Period = Schemas["Period"];
export type Permission = Schemas["Permission"];
export type Presence = Schemas["Presence"];
/**
 * `reason` says in one word why nothing is recorded, where that is the problem. Who changed a part of the
 * configuration meanwhile, and when, is told with a 412.
 */
export type ProblemDocument = Schemas["ProblemDocument"] & {
  readonly reason?: string;
  readonly changed_by?: string;
  readonly changed_at?: string;
};
export type LeaveEntry = Schemas["LeaveEntry"];
export type RosterChange = Schemas["RosterChangeView"];
export type RosterChangeRequest = Schemas["RosterChangeRequest"];
export type RosterTrial = Schemas["RosterTrial"];
export type RosterView = Schemas["RosterView"];
export type ShiftEntry = Schemas["ShiftEntry"];
export type Rule = Schemas["RuleVersionView"]["rule"];
export type RuleVersion = Schemas["RuleVersionView"];
export type RefusedEvent = Schemas["RefusedEvent"];
export type Role = Schemas["Role"];
export type RecoveryCodes = Schemas["RecoveryCodes"];
export type SecondFactor = Schemas["SecondFactorView"];
export type SecondFactorBegun = Schemas["SecondFactorBegun"];
export type Hit = Schemas["Hit"];
export type ResultKind = Schemas["ResultKind"];
export type SearchAnswer = Schemas["SearchAnswer"];
export type SenseKind = Schemas["SenseKind"];
export type Suggestion = Schemas["Suggestion"];
export type SuggestionList = Schemas["SuggestionList"];
export type Understood = Schemas["UnderstoodView"];
export type SegmentView = Schemas["SegmentView"];
export type SessionItem = Schemas["SessionItem"];
export type SessionView = Schemas["SessionView"];
export type Severity = Schemas["Severity"];
export type SigningKey = Schemas["SigningKey"];
export type Silence = Schemas["Silence"];
export type SilenceRequest = Schemas["SilenceRequest"];
export type Staff = Schemas["Staff"];
export type Step = Schemas["Step"];
export type Text = Schemas["Text"];
export type Ticket = Schemas["Ticket"];
export type CameraCoverage = Schemas["CameraCoverage"];
export type CameraStretches = Schemas["CameraStretches"];
export type Neighbours = Schemas["Neighbours"];
export type QueueMoment = Schemas["QueueMoment"];
export type LevelHours = Schemas["LevelHours"];
export type StateSeconds = Schemas["StateSeconds"];
export type TimelineLasting = Schemas["TimelineLasting"];
export type TimelineFacts = Schemas["TimelineFacts"];
export type TimelineOverview = Schemas["TimelineOverview"];
export type TimelinePeriod = Schemas["TimelinePeriod"];
export type Transaction = Schemas["Transaction"];
export type TransactionDetail = Schemas["TransactionDetail"];
export type TransactionReplay = Schemas["TransactionReplay"];
export type CameraStanding = Schemas["CameraStanding"];
export type DiskStanding = Schemas["DiskStanding"];
export type NotifierStanding = Schemas["NotifierStanding"];
export type Pace = Schemas["Pace"];
export type ProcessStanding = Schemas["ProcessStanding"];
export type SystemHealth = Schemas["SystemHealth"];
export type CameraStorage = Schemas["CameraStorage"];
export type Guide = Schemas["Guide"];
export type Storage = Schemas["Storage"];
export type TrialView = Schemas["TrialView"];
export type UserChange = Schemas["UserChange"];
export type UserDetail = Schemas["UserDetail"];
export type UserRequest = Schemas["UserRequest"];
export type UserView = Schemas["UserView"];
export type WindowStatus = Schemas["WindowStatus"];

/** What an action on an alert needs beside its name: a reason or comment, to whom, until when. */
export type ActionMembers = Partial<Pick<Schemas["AlertAction"], "reason" | "assignee" | "until">>;

/** Part of a list; `next` is the cursor of the part that follows. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** Alerts, and for each that is silenced now the id of its silence. */
export type AlertPage = Schemas["AlertList"];
export type DeviceAnswer = Schemas["DeviceAnswer"];
export type DiscoveredDevice = Schemas["DiscoveredDevice"];
export type Examination = Schemas["ExaminationAnswer"];
export type OfferedLens = Schemas["OfferedLens"];
export type SetupFault = Schemas["SetupFault"];
export type SetupStill = Schemas["SetupStill"];
export type CameraTrial = Schemas["TrialAnswer"];
export type ZoneRole = Schemas["ZoneRole"];
export type ZoneVerdict = Schemas["ZoneVerdict"];
export type CameraTrialOrder = Schemas["TrialOrder"];

/** A zone as the configuration has it; a waiting zone belongs to the hall and names no window. */
export interface ConfiguredZone {
  readonly id: string;
  readonly role: ZoneRole;
  readonly window?: string | null;
  readonly polygon: readonly (readonly [number, number])[];
}

/** A camera as the configuration has it: what equals the default may be missing. */
export interface ConfiguredCamera {
  readonly id: string;
  readonly name: Text;
  readonly url: string;
  readonly substream?: string | null;
  readonly transport?: "tcp" | "udp";
  readonly certificate?: string;
  readonly record?: boolean;
  readonly keep?: { readonly picture_days?: number | null; readonly sound_days?: number | null; readonly gigabytes?: number | null } | null;
  readonly sample_every?: number;
  readonly microphone?: { readonly calibration_db?: number | null };
  readonly zones?: readonly ConfiguredZone[];
}

export type ReferenceList = Schemas["ReferenceList"];
export type Item = Schemas["Item"];
export type ConfiguredUnit = Schemas["Unit"];
export type ConfiguredWindow = Schemas["Window"];

/** A part of the configuration as it was read: the list of a collection, or one of it, or a whole. */
export interface ConfiguredPart<Value> {
  readonly etag: string;
  readonly value: Value;
}

/** Where a part lies: in a hall, or in the site for null; `id` is null for a collection that is one whole. */
export interface ConfiguredPlace {
  readonly hall: string | null;
  readonly collection: string;
  readonly id: string | null;
}

/** What may stand in the configuration. */
export type Content = null | boolean | number | string | readonly Content[] | { readonly [name: string]: Content };
export type ConfigurationState = Schemas["ConfigurationState"];
export type ConfigurationVersion = Schemas["ConfigurationVersion"];
export type ConfigurationVersions = Schemas["ConfigurationVersionList"];
export type PartDifference = Omit<Schemas["PartDifference"], "after" | "before"> & { readonly after: Content; readonly before: Content };
export type VersionDifference = Omit<Schemas["VersionDifference"], "items"> & { readonly items: readonly PartDifference[] };

/** For how long recordings are kept, as the configuration has it; null: no limit of this kind. */
export interface ConfiguredKeep {
  readonly picture_days?: number | null;
  readonly sound_days?: number | null;
  readonly gigabytes?: number | null;
}

/** Where recordings lie, as the configuration has it; what is not shown on a screen is sent back as it was. */
export interface ConfiguredStorage {
  readonly keep_free_percent?: number;
  readonly warn_hours?: number;
  readonly [other: string]: unknown;
}
