import { address, API } from "./address";
import { Calls } from "./connection";
import type {
  Neighbours,
  Page,
  SearchAnswer,
  SegmentView,
  SuggestionList,
  TimelineFacts,
  TimelineOverview,
  TransactionDetail,
  TransactionReplay,
} from "./facts";
import type { Outcome } from "./outcome";

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

/** What a timeline is about, and over which time. Without windows: those that the cameras show. */
export interface TimelineQuery {
  readonly cameras: readonly string[];
  readonly windows: readonly string[];
  readonly hall?: string | undefined;
  readonly from: number;
  readonly to: number;
}

/** A recorded picture, and when it was taken. */
export interface Still {
  readonly picture: Blob;
  readonly at: string;
}

/** Where the recording of a transaction is played from. */
export function transactionPlaylist(transaction: string, camera: string): string {
  return address(`/transactions/${encodeURIComponent(transaction)}/playlist.m3u8`, { camera });
}

/** Where the recording of a camera is played from. */
export function cameraPlaylist(camera: string, from: string, to: string): string {
  return address(`/cameras/${encodeURIComponent(camera)}/playlist.m3u8`, { from, to });
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

/** What was recorded: search, transactions, the timeline, stills and playlists. */
export class RecordCalls extends Calls {
  /** Transactions, tickets never served, cases and alerts that fit what was typed, the newest first. */
  search(query: SearchQuery): Promise<Outcome<SearchAnswer>> {
    return this.connection.json("GET", address("/search", { ...query }));
  }

  /** What the last word of what was typed may mean. */
  suggestions(q: string, hall: string): Promise<Outcome<SuggestionList>> {
    return this.connection.json("GET", address("/search/suggestions", { q, hall }));
  }

  transactions(query: TransactionQuery): Promise<Outcome<Page<TransactionDetail>>> {
    return this.connection.json("GET", address("/transactions", { ...query }));
  }

  transaction(id: string): Promise<Outcome<TransactionReplay>> {
    return this.connection.json("GET", address(`/transactions/${encodeURIComponent(id)}`));
  }

  /** The transactions before and after one at its window. */
  neighbours(transaction: string): Promise<Outcome<Neighbours>> {
    return this.connection.json("GET", address(`/transactions/${encodeURIComponent(transaction)}/neighbours`));
  }

  /** The recorded picture of a camera at a moment; the problem 404 has the reason why there is none in `reason`. */
  async still(camera: string, at: string, width: number): Promise<Outcome<Still>> {
    const response = await this.connection.send("GET", cameraStill(camera, at, width));
    if (response === null) return { status: "unreachable" };
    if (!response.ok) return this.connection.problem(response);
    try {
      return { status: "ok", value: { picture: await response.blob(), at: response.headers.get("X-Picture-At") ?? at } };
    } catch {
      return { status: "unreachable" };
    }
  }

  segments(camera: string, from: string, to: string): Promise<Outcome<Page<SegmentView>>> {
    return this.connection.json("GET", address("/segments", { camera, from, to }));
  }

  /** A long time in buckets. */
  timelineOverview(query: TimelineQuery, buckets: number): Promise<Outcome<TimelineOverview>> {
    return this.connection.json("GET", timelineAddress("/timeline", query, buckets));
  }

  /** At most four hours, fact by fact. */
  timelineFacts(query: TimelineQuery): Promise<Outcome<TimelineFacts>> {
    return this.connection.json("GET", timelineAddress("/timeline/facts", query));
  }
}
