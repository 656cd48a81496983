/**
 * The one place that talks HTTP to the console.
 *
 * Every call answers with an outcome and never throws: the value, the problem that the server named
 * (RFC 9457), or that the server could not be reached. Types come out of the server's OpenAPI.
 */
import type {
  ActionMembers,
  Alert,
  AlertAction,
  AlertDetail,
  AlertKind,
  AlertPage,
  AlertStatus,
  Announcement,
  AnnouncementRequest,
  AuditEntry,
  AuditNames,
  Board,
  CalendarYear,
  CalendarYearRequest,
  CameraState,
  CameraTrial,
  CameraTrialOrder,
  CodeAwaited,
  EventAccepted,
  ConfigurationState,
  ConfigurationVersion,
  ConfigurationVersions,
  ConfiguredPart,
  ConfiguredPlace,
  DeviceAnswer,
  DiscoveredDevice,
  Examination,
  Export,
  ExportRequest,
  FalseAlarmRate,
  Guide,
  HallView,
  KeyRequest,
  KeyView,
  LogInWays,
  LiveLayout,
  LiveLayoutRequest,
  LiveLayouts,
  Lock,
  LockRequest,
  Mended,
  NewKey,
  Notifications,
  Observation,
  Page,
  ProblemDocument,
  RecoveryCodes,
  ReferenceList,
  RefusedEvent,
  RosterChange,
  RosterChangeRequest,
  RosterTrial,
  RosterView,
  RuleVersion,
  SecondFactor,
  SecondFactorBegun,
  SearchAnswer,
  SegmentView,
  SessionItem,
  SessionView,
  SetupStill,
  SigningKey,
  Storage,
  Silence,
  SilenceRequest,
  SuggestionList,
  SystemHealth,
  Ticket,
  Neighbours,
  TimelineFacts,
  TimelineOverview,
  TransactionDetail,
  TransactionReplay,
  TrialView,
  UserChange,
  UserDetail,
  UserRequest,
  VersionDifference,
} from "./facts";

export type Outcome<Value> =
  | { readonly status: "ok"; readonly value: Value }
  | { readonly status: "problem"; readonly problem: ProblemDocument }
  | { readonly status: "unreachable" };

export type Failure = Exclude<Outcome<never>, { status: "ok" }>;

export interface TransactionQuery {
  readonly ticket?: string;
  readonly window?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

export interface SearchQuery {
  readonly q?: string;
  readonly hall?: string;
  readonly kind?: string;
  readonly window?: string;
  readonly unit?: string;
  readonly staff?: string;
  readonly item?: string;
  readonly alert?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

export interface AlertQuery {
  readonly hall?: string;
  readonly status?: AlertStatus;
  readonly kind?: AlertKind;
  readonly window?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

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

export interface AuditQuery {
  readonly who?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly text?: string;
  readonly from?: string;
  readonly to?: string;
  readonly before?: string;
}

/** What a timeline is about, and over which time. Without windows: those that the cameras show. */
export interface TimelineQuery {
  readonly cameras: readonly string[];
  readonly windows: readonly string[];
  readonly hall?: string | undefined;
  readonly from: number;
  readonly to: number;
}

export interface ObservationQuery {
  readonly kind?: Observation["kind"];
  readonly camera?: string;
  readonly window?: string;
  /** Both or none: without a time, what holds now. */
  readonly from?: string;
  readonly to?: string;
}

/** The answer to a WHEP offer, and where the session is ended. */
export interface LiveAnswer {
  readonly sdp: string;
  readonly session: string;
}

export const API = "/api/v1";

const LIMIT_MS = 15_000;
/** For what asks a camera, which may take its time. */
const PATIENT_MS = 60_000;

/** How a request is sent, where it is not as usual. */
interface Manner {
  readonly limitMs?: number;
  /** The ETag upon which a change is made. */
  readonly match?: string;
}

type Parameters = Readonly<Record<string, string | undefined>>;

function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  return `${API}${path}${query.size > 0 ? `?${query.toString()}` : ""}`;
}

function roster(hall: string, path: string, parameters: Parameters = {}): string {
  return address(`/halls/${encodeURIComponent(hall)}/roster${path}`, parameters);
}

function configuration(hall: string | null, ...names: readonly (string | null)[]): string {
  const owner = hall === null ? ["site"] : ["halls", hall];
  const path = [...owner, ...names.filter((name) => name !== null)].map(encodeURIComponent);
  return address(`/configuration/${path.join("/")}`);
}

/** Where the recording of a transaction is played from. */
export function transactionPlaylist(transaction: string, camera: string): string {
  return address(`/transactions/${encodeURIComponent(transaction)}/playlist.m3u8`, { camera });
}

/** Where the recording of a camera is played from. */
export function cameraPlaylist(camera: string, from: string, to: string): string {
  return address(`/cameras/${encodeURIComponent(camera)}/playlist.m3u8`, { from, to });
}

/** Where a picture is that this user took while setting a camera up. */
export function setupStill(id: string): string {
  return address(`/camera-setup/stills/${encodeURIComponent(id)}`);
}

/** A recorded picture, and when it was taken. */
export interface Still {
  readonly picture: Blob;
  readonly at: string;
}

/** Where the recorded picture of a moment lies, so many pixels wide. */
export function cameraStill(camera: string, at: string, width: number): string {
  return address(`/cameras/${encodeURIComponent(camera)}/still.jpg`, { at, width: String(width) });
}

function timelineAddress(path: string, { cameras, windows, hall, from, to }: TimelineQuery, buckets?: number): string {
  const bounds = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const query = new URLSearchParams([
    ...cameras.map((camera) => ["camera", camera]),
    ...windows.map((window) => ["window", window]),
    ...(hall === undefined ? [] : [["hall", hall]]),
    ...Object.entries(bounds),
    ...(buckets === undefined ? [] : [["buckets", String(buckets)]]),
  ]);
  return `${API}${path}?${query.toString()}`;
}

function lockAddress({ hall, holding, kind, cameras, from, to, text, cursor }: LockQuery): string {
  const query = new URLSearchParams((cameras ?? []).map((camera) => ["camera", camera]));
  const bounds = from === undefined || to === undefined ? {} : { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const others: Parameters = { hall, kind, text, cursor, ...bounds, ...(holding ? { holding: "true" } : {}) };
  for (const [name, value] of Object.entries(others)) if (value) query.set(name, value);
  return `${API}/locks?${query.toString()}`;
}

/** Where single sign-on begins; afterwards the browser comes back to `then`. */
export function signOn(then: string): string {
  return address("/session/oidc", { then });
}

/** Where the session of single sign-on is ended, after the log-out here. */
export const SIGN_OFF = address("/session/oidc/end");

/** Where an evidence package is fetched. */
export function evidencePackage(id: string): string {
  return address(`/evidence/${encodeURIComponent(id)}/package`);
}

export class Client {
  /** Called when the server no longer knows who asks. */
  onLoggedOut: () => void = () => undefined;
  /** Called when the server wants to be told first what the looking is for. */
  onReasonOwed: () => void = () => undefined;
  /** Called when policy demands a second factor before anything else. */
  onSecondFactorOwed: () => void = () => undefined;

  #csrf = "";
  readonly #base: string;

  constructor(base = "") {
    this.#base = base;
  }

  /** Log in; who has a second factor is asked for its code next (`giveCode`). */
  async logIn(user: string, password: string): Promise<Outcome<SessionView | CodeAwaited>> {
    return this.#keepToken(await this.#json<SessionView | CodeAwaited>("POST", address("/session"), { user, password }, true));
  }

  /** How one can log in here. */
  logInWays(): Promise<Outcome<LogInWays>> {
    return this.#json("GET", address("/session/ways"), undefined, true);
  }

  /** The second step of a log-in. */
  async giveCode(token: string, code: string): Promise<Outcome<SessionView>> {
    return this.#keepToken(await this.#json<SessionView>("POST", address("/session/code"), { token, code }, true));
  }

  async session(): Promise<Outcome<SessionView>> {
    return this.#keepToken(await this.#json<SessionView>("GET", address("/session"), undefined, true));
  }

  async logOut(): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", address("/session"));
  }

  /** Say what the looking is for: it stands in the audit trail beside everything that is then viewed. */
  stateReason(reason: string): Promise<Outcome<SessionView>> {
    return this.#json("POST", address("/session/reason"), { reason });
  }

  /** Take another password; the other sessions of this user end. */
  changePassword(old: string, wanted: string): Promise<Outcome<undefined>> {
    return this.#nothing("POST", address("/session/password"), { old, new: wanted });
  }

  /** The own second factor. */
  secondFactor(): Promise<Outcome<SecondFactor>> {
    return this.#json("GET", address("/session/second-factor"));
  }

  beginSecondFactor(password: string): Promise<Outcome<SecondFactorBegun>> {
    return this.#json("POST", address("/session/second-factor"), { password });
  }

  confirmSecondFactor(code: string): Promise<Outcome<RecoveryCodes>> {
    return this.#json("POST", address("/session/second-factor/confirm"), { code });
  }

  renewRecoveryCodes(code: string): Promise<Outcome<RecoveryCodes>> {
    return this.#json("POST", address("/session/second-factor/recovery-codes"), { code });
  }

  endSecondFactor(password: string, code: string): Promise<Outcome<undefined>> {
    return this.#nothing("POST", address("/session/second-factor/end"), { password, code });
  }

  /** Where this user is logged in. */
  ownSessions(): Promise<Outcome<Page<SessionItem>>> {
    return this.#json("GET", address("/session/all"));
  }

  endSession(id: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", address(`/session/all/${encodeURIComponent(id)}`));
  }

  /** Everybody whom the asker may administer. */
  users(): Promise<Outcome<Page<UserDetail>>> {
    return this.#json("GET", address("/users"));
  }

  addUser(asked: UserRequest): Promise<Outcome<UserDetail>> {
    return this.#json("POST", address("/users"), asked);
  }

  /** Change a user, whose sessions end. */
  changeUser(id: string, asked: UserChange): Promise<Outcome<UserDetail>> {
    return this.#json("PATCH", address(`/users/${encodeURIComponent(id)}`), asked);
  }

  endSessionsOf(id: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", address(`/users/${encodeURIComponent(id)}/sessions`));
  }

  resetSecondFactorOf(id: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", address(`/users/${encodeURIComponent(id)}/second-factor`));
  }

  /** How processes, disks, cameras and backlogs are. */
  system(): Promise<Outcome<SystemHealth>> {
    return this.#json("GET", address("/system"));
  }

  /** What each camera takes and holds, and what retention deletes next. */
  storage(): Promise<Outcome<Storage>> {
    return this.#json("GET", address("/system/storage"));
  }

  /** How far a hall is set up. */
  guide(hall: string): Promise<Outcome<Guide>> {
    return this.#json("GET", address("/system/guide", { hall }));
  }

  /** The keys of machines. */
  keys(): Promise<Outcome<Page<KeyView>>> {
    return this.#json("GET", address("/keys"));
  }

  /** Make a key, which is told this once. */
  addKey(asked: KeyRequest): Promise<Outcome<NewKey>> {
    return this.#json("POST", address("/keys"), asked);
  }

  removeKey(key: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", address(`/keys/${encodeURIComponent(key)}`));
  }

  /** Queue events that were refused, the newest first; long ones shortened. */
  refusedEvents(state: "open" | "settled", cursor?: string): Promise<Outcome<Page<RefusedEvent>>> {
    return this.#json("GET", address("/queue-events/refused", { state, cursor }));
  }

  /** One refused event, whole. */
  refusedEvent(id: number): Promise<Outcome<RefusedEvent>> {
    return this.#json("GET", address(`/queue-events/refused/${id}`));
  }

  /** Try a refused event again, or `event` in its place. */
  replayRefused(id: number, event?: Mended): Promise<Outcome<EventAccepted>> {
    return this.#json("POST", address(`/queue-events/refused/${id}/replay`), event === undefined ? undefined : { event });
  }

  discardRefused(id: number, reason: string): Promise<Outcome<RefusedEvent>> {
    return this.#json("POST", address(`/queue-events/refused/${id}/discard`), { reason });
  }

  /** The audit trail, the newest first. */
  audit(query: AuditQuery): Promise<Outcome<Page<AuditEntry>>> {
    return this.#json("GET", address("/audit", { ...query }));
  }

  auditNames(): Promise<Outcome<AuditNames>> {
    return this.#json("GET", address("/audit/names"));
  }

  halls(): Promise<Outcome<Page<HallView>>> {
    return this.#json("GET", address("/halls"));
  }

  board(hall: string): Promise<Outcome<Board>> {
    return this.#json("GET", address("/board", { hall }));
  }

  /** The cameras of a hall and how they are. */
  cameras(hall: string): Promise<Outcome<Page<CameraState>>> {
    return this.#json("GET", address("/cameras", { hall }));
  }

  /** Say that what a camera shows now is right: its reference view is learnt anew. */
  confirmView(camera: string): Promise<Outcome<undefined>> {
    return this.#nothing("POST", address(`/cameras/${encodeURIComponent(camera)}/reference-view`));
  }

  waitingTickets(hall: string, cursor?: string): Promise<Outcome<Page<Ticket>>> {
    return this.#json("GET", address("/tickets", { hall, status: "waiting", cursor }));
  }

  observations(query: ObservationQuery): Promise<Outcome<Page<Observation>>> {
    return this.#json("GET", address("/observations", { ...query }));
  }

  /** Transactions, tickets never served, cases and alerts that fit what was typed, the newest first. */
  search(query: SearchQuery): Promise<Outcome<SearchAnswer>> {
    return this.#json("GET", address("/search", { ...query }));
  }

  /** What the last word of what was typed may mean. */
  suggestions(q: string, hall: string): Promise<Outcome<SuggestionList>> {
    return this.#json("GET", address("/search/suggestions", { q, hall }));
  }

  transactions(query: TransactionQuery): Promise<Outcome<Page<TransactionDetail>>> {
    return this.#json("GET", address("/transactions", { ...query }));
  }

  transaction(id: string): Promise<Outcome<TransactionReplay>> {
    return this.#json("GET", address(`/transactions/${encodeURIComponent(id)}`));
  }

  /** The recorded picture of a camera at a moment; the problem 404 has the reason why there is none in `reason`. */
  async still(camera: string, at: string, width: number): Promise<Outcome<Still>> {
    const response = await this.#send("GET", cameraStill(camera, at, width));
    if (response === null) return { status: "unreachable" };
    if (!response.ok) return this.#problem(response);
    try {
      return { status: "ok", value: { picture: await response.blob(), at: response.headers.get("X-Picture-At") ?? at } };
    } catch {
      return { status: "unreachable" };
    }
  }

  segments(camera: string, from: string, to: string): Promise<Outcome<Page<SegmentView>>> {
    return this.#json("GET", address("/segments", { camera, from, to }));
  }

  alerts(query: AlertQuery): Promise<Outcome<AlertPage>> {
    return this.#json("GET", address("/alerts", { ...query }));
  }

  alert(id: string): Promise<Outcome<AlertDetail>> {
    return this.#json("GET", address(`/alerts/${encodeURIComponent(id)}`));
  }

  /** Change an alert as it was seen at `revision`; a problem 409 says that it has changed since. */
  actOnAlert(id: string, action: AlertAction, revision: number, members: ActionMembers = {}): Promise<Outcome<Alert>> {
    return this.#json("POST", address(`/alerts/${encodeURIComponent(id)}/actions`), { action, revision, ...members });
  }

  /** What a rule said in each of its versions, the oldest first. */
  ruleVersions(hall: string, rule: string): Promise<Outcome<{ readonly items: readonly RuleVersion[] }>> {
    return this.#json("GET", address(`/halls/${encodeURIComponent(hall)}/rules/${encodeURIComponent(rule)}/versions`));
  }

  /** A long time in buckets. */
  timelineOverview(query: TimelineQuery, buckets: number): Promise<Outcome<TimelineOverview>> {
    return this.#json("GET", timelineAddress("/timeline", query, buckets));
  }

  /** At most four hours, fact by fact. */
  timelineFacts(query: TimelineQuery): Promise<Outcome<TimelineFacts>> {
    return this.#json("GET", timelineAddress("/timeline/facts", query));
  }

  /** The transactions before and after one at its window. */
  neighbours(transaction: string): Promise<Outcome<Neighbours>> {
    return this.#json("GET", address(`/transactions/${encodeURIComponent(transaction)}/neighbours`));
  }

  /** The names of those to whom an alert can be given. */
  assignees(): Promise<Outcome<Page<string>>> {
    return this.#json("GET", address("/alerts/assignees"));
  }

  falseAlarmRates(hall: string, from: string, to: string): Promise<Outcome<Page<FalseAlarmRate>>> {
    return this.#json("GET", address("/alerts/false-alarm-rate", { hall, from, to }));
  }

  /** The silences of a hall that hold now or will hold. */
  silences(hall: string): Promise<Outcome<Page<Silence>>> {
    return this.#json("GET", address("/silences", { hall, holding: "true" }));
  }

  addSilence(asked: SilenceRequest): Promise<Outcome<Silence>> {
    return this.#json("POST", address("/silences"), asked);
  }

  endSilence(id: string): Promise<Outcome<Silence>> {
    return this.#json("DELETE", address(`/silences/${encodeURIComponent(id)}`));
  }

  /** The announcements of a hall that are in force or will be. */
  announcements(hall: string): Promise<Outcome<Page<Announcement>>> {
    return this.#json("GET", address("/announcements", { hall, holding: "true" }));
  }

  addAnnouncement(asked: AnnouncementRequest): Promise<Outcome<Announcement>> {
    return this.#json("POST", address("/announcements"), asked);
  }

  endAnnouncement(id: string): Promise<Outcome<Announcement>> {
    return this.#json("POST", address(`/announcements/${encodeURIComponent(id)}/end`));
  }

  evidence(hall: string, cursor?: string): Promise<Outcome<Page<Export>>> {
    return this.#json("GET", address("/evidence", { hall, cursor }));
  }

  /** Locks, the newest first. */
  locks(query: LockQuery): Promise<Outcome<Page<Lock>>> {
    return this.#json("GET", lockAddress(query));
  }

  addLock(asked: LockRequest): Promise<Outcome<Lock>> {
    return this.#json("POST", address("/locks"), asked);
  }

  /** Let a lock hold until a later moment; null: until it is released. */
  prolongLock(id: string, until: string | null, reason: string): Promise<Outcome<Lock>> {
    return this.#json("POST", address(`/locks/${encodeURIComponent(id)}/prolong`), { expires_at: until, reason });
  }

  releaseLock(id: string, reason: string): Promise<Outcome<Lock>> {
    return this.#json("POST", address(`/locks/${encodeURIComponent(id)}/release`), { reason });
  }

  /** Order an evidence package; it is made in the background. */
  orderEvidence(order: ExportRequest): Promise<Outcome<Export>> {
    return this.#json("POST", address("/evidence"), order);
  }

  /** Delete a package; that it was made stays known. */
  removeEvidence(id: string): Promise<Outcome<Export>> {
    return this.#json("DELETE", address(`/evidence/${encodeURIComponent(id)}`));
  }

  /** The key with which packages are signed here. */
  signingKey(): Promise<Outcome<SigningKey>> {
    return this.#json("GET", address("/evidence/signing-key"));
  }

  /** Where each notifier stands, and what was refused for good. */
  notifications(): Promise<Outcome<Notifications>> {
    return this.#json("GET", address("/notifications"));
  }

  /** Have a trial message sent; `notifications` tells what became of it. */
  tryNotifier(id: string): Promise<Outcome<TrialView>> {
    return this.#json("POST", address(`/notifiers/${encodeURIComponent(id)}/test`));
  }

  /** Offer to receive a camera's live picture (WHEP). */
  async offerLive(camera: string, sdp: string): Promise<Outcome<LiveAnswer>> {
    const path = address(`/live/${encodeURIComponent(camera)}/whep`);
    const response = await this.#send("POST", path, { type: "application/sdp", text: sdp });
    if (response === null) return { status: "unreachable" };
    if (!response.ok) return this.#problem(response);
    return { status: "ok", value: { sdp: await response.text(), session: response.headers.get("Location") ?? "" } };
  }

  /** End a live session that `offerLive` began. */
  endLive(session: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", session);
  }

  /** The own layouts of a hall's live wall, and what was on it last. */
  liveLayouts(hall: string): Promise<Outcome<LiveLayouts>> {
    return this.#json("GET", address("/live/layouts", { hall }));
  }

  /** Remember what is on the wall, and from which saved layout it was begun. */
  keepLiveWall(wall: LiveLayoutRequest, shownAs: string): Promise<Outcome<LiveLayout>> {
    return this.#json("PUT", address("/live/layouts"), { ...wall, shown_as: shownAs || null });
  }

  /** Save a layout under a name, in the place of the one that has it. */
  saveLiveLayout(name: string, wall: LiveLayoutRequest): Promise<Outcome<LiveLayout>> {
    return this.#json("PUT", address(`/live/layouts/${encodeURIComponent(name)}`), wall);
  }

  removeLiveLayout(hall: string, name: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", address(`/live/layouts/${encodeURIComponent(name)}`, { hall }));
  }

  #keepToken<Value extends SessionView | CodeAwaited>(outcome: Outcome<Value>): Outcome<Value> {
    if (outcome.status === "ok" && "csrf" in outcome.value) this.#csrf = outcome.value.csrf;
    return outcome;
  }

  /** What stands in a collection of a hall's configuration, or of the site's for null: a list, or one whole. */
  configured<Value>(hall: string | null, collection: string): Promise<Outcome<ConfiguredPart<Value>>> {
    return this.#json("GET", configuration(hall, collection));
  }

  /** Enter or change one of a list, or a whole for null, upon the configuration of this ETag; 412 says that it changed meanwhile. */
  putConfigured<Value extends object>(place: ConfiguredPlace, value: Value, etag: string): Promise<Outcome<ConfiguredPart<Value>>> {
    return this.#json("PUT", configuration(place.hall, place.collection, place.id), value, false, { match: etag });
  }

  removeConfigured(place: ConfiguredPlace, etag: string): Promise<Outcome<undefined>> {
    return this.#nothing("DELETE", configuration(place.hall, place.collection, place.id), undefined, { match: etag });
  }

  /** What stands in the way of removing one of a list of a hall. */
  references(place: ConfiguredPlace): Promise<Outcome<ReferenceList>> {
    return this.#json("GET", configuration(place.hall, place.collection, place.id, "references"));
  }

  /** Which version of the configuration is in force, and who put it there. */
  configurationState(): Promise<Outcome<ConfigurationState>> {
    return this.#json("GET", address("/configuration"));
  }

  /** Versions of the configuration, the newest first; those before `before`. */
  configurationVersions(before?: number): Promise<Outcome<ConfigurationVersions>> {
    return this.#json("GET", address("/configuration/versions", { before: before?.toString() }));
  }

  /** What a version changed, or what restoring it would change now. */
  configurationVersion(version: number, against: VersionDifference["against"]): Promise<Outcome<VersionDifference>> {
    return this.#json("GET", address(`/configuration/versions/${version}`, { against }));
  }

  /** Put an earlier version in force again, unless the configuration is another by now than that of the ETag. */
  restoreVersion(version: number, etag: string): Promise<Outcome<ConfigurationVersion>> {
    return this.#json("POST", address(`/configuration/versions/${version}/restore`), undefined, false, { match: etag });
  }

  discoverCameras(seconds: number): Promise<Outcome<Page<DiscoveredDevice>>> {
    return this.#json("POST", address("/camera-setup/discoveries"), { seconds });
  }

  readDevice(device: string, user: string, password: string): Promise<Outcome<DeviceAnswer>> {
    return this.#json("POST", address("/camera-setup/devices"), { address: device, user, password }, false, { limitMs: PATIENT_MS });
  }

  /** Connect to a stream as a recording would, for some seconds. */
  tryCamera(order: CameraTrialOrder): Promise<Outcome<CameraTrial>> {
    return this.#json("POST", address("/camera-setup/trials"), order, false, { limitMs: PATIENT_MS });
  }

  /** Take the newest picture of a camera. */
  takeStill(camera: string): Promise<Outcome<SetupStill>> {
    return this.#json("POST", address(`/camera-setup/cameras/${encodeURIComponent(camera)}/stills`));
  }

  /** Try zones on a picture that was taken before, with the detector that runs. */
  examineZones(still: string, zones: readonly object[]): Promise<Outcome<Examination>> {
    return this.#json("POST", address("/camera-setup/examinations"), { still, zones });
  }

  /** What is known of a year of the calendar. */
  calendarYear(year: number): Promise<Outcome<CalendarYear>> {
    return this.#json("GET", address(`/calendar/${year}`));
  }

  /** Put a year in the place of the one with this ETag; a problem 412 says that it changed meanwhile. */
  putCalendarYear(year: number, asked: CalendarYearRequest, etag: string): Promise<Outcome<CalendarYear>> {
    return this.#json("PUT", address(`/calendar/${year}`), asked, false, { match: etag });
  }

  /** The roster of a hall over a time in milliseconds since 1970. */
  roster(hall: string, from: number, to: number): Promise<Outcome<RosterView>> {
    return this.#json("GET", roster(hall, "", { from: new Date(from).toISOString(), to: new Date(to).toISOString() }));
  }

  /** Take entries out, as they were read, and put others in; a problem 412 says that one changed meanwhile. */
  changeRoster(hall: string, asked: RosterChangeRequest): Promise<Outcome<RosterChange>> {
    return this.#json("POST", roster(hall, "/changes"), asked);
  }

  rosterChanges(hall: string): Promise<Outcome<{ readonly items: readonly RosterChange[] }>> {
    return this.#json("GET", roster(hall, "/changes"));
  }

  undoRosterChange(hall: string, change: number): Promise<Outcome<RosterChange>> {
    return this.#json("POST", roster(hall, `/changes/${change}/undo`));
  }

  /** What would come of a file; nothing is taken. */
  tryRosterFile(hall: string, file: Blob): Promise<Outcome<RosterTrial>> {
    return this.#file("POST", roster(hall, "/trials"), file);
  }

  /** Take a file as its trial said. */
  takeRosterFile(hall: string, file: Blob, name: string, digest: string): Promise<Outcome<RosterChange>> {
    return this.#file("POST", roster(hall, "/imports", { name: name.slice(-200) }), file, { match: digest });
  }

  async #file<Value>(method: string, path: string, file: Blob, manner: Manner = {}): Promise<Outcome<Value>> {
    const response = await this.#send(method, path, { type: "application/octet-stream", text: file }, { limitMs: PATIENT_MS, ...manner });
    return this.#answer(response);
  }

  async #json<Value>(method: string, path: string, body?: object, expectsLogIn = false, manner: Manner = {}): Promise<Outcome<Value>> {
    const sent = body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
    return this.#answer(await this.#send(method, path, sent, manner), expectsLogIn);
  }

  async #answer<Value>(response: Response | null, expectsLogIn = false): Promise<Outcome<Value>> {
    if (response === null) return { status: "unreachable" };
    if (!response.ok) return this.#problem(response, expectsLogIn);
    try {
      return { status: "ok", value: (await response.json()) as Value };
    } catch {
      return { status: "unreachable" };
    }
  }

  async #nothing(method: string, path: string, body?: object, manner: Manner = {}): Promise<Outcome<undefined>> {
    const sent = body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
    const response = await this.#send(method, path, sent, manner);
    if (response === null) return { status: "unreachable" };
    return response.ok ? { status: "ok", value: undefined } : this.#problem(response);
  }

  async #send(method: string, path: string, body?: { type: string; text: string | Blob }, manner: Manner = {}): Promise<Response | null> {
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body) headers["Content-Type"] = body.type;
    if (manner.match !== undefined) headers["If-Match"] = `"${manner.match}"`;
    if (method !== "GET" && this.#csrf) headers["X-CSRF-Token"] = this.#csrf;
    try {
      return await fetch(this.#base + path, {
        method,
        headers,
        credentials: "same-origin",
        signal: AbortSignal.timeout(manner.limitMs ?? LIMIT_MS),
        ...(body ? { body: body.text } : {}),
      });
    } catch {
      return null;
    }
  }

  async #problem(response: Response, expectsLogIn = false): Promise<Failure> {
    if (response.status === 401 && !expectsLogIn) this.onLoggedOut();
    // A proxy in between answers with a page of its own, and says only by the status what is wrong.
    if ([502, 504].includes(response.status)) return { status: "unreachable" };
    const plain: ProblemDocument = { type: "about:blank", title: response.statusText, status: response.status, detail: "", errors: [] };
    try {
      const told = (await response.json()) as Partial<ProblemDocument>;
      if (response.status === 403 && told.errors?.some(({ field }) => field === "reason")) this.onReasonOwed();
      if (response.status === 403 && told.errors?.some(({ field }) => field === "second_factor")) this.onSecondFactorOwed();
      return { status: "problem", problem: { ...plain, ...told } };
    } catch {
      return { status: "problem", problem: plain };
    }
  }
}

/** The client of the whole app. */
export const client = new Client();
