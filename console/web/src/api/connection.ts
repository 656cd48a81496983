/**
 * The one place that talks HTTP to the console.
 *
 * Every call answers with an outcome and never throws.
 */
import type { CodeAwaited, ProblemDocument, SessionView } from "./facts";
import type { Failure, Outcome } from "./outcome";

const LIMIT_MS = 15_000;
/** For what asks a camera, which may take its time. */
export const PATIENT_MS = 60_000;

/** How a request is sent, where it is not as usual. */
interface Manner {
  readonly limitMs?: number;
  /** The ETag upon which a change is made. */
  readonly match?: string;
}

export class Connection {
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

  /** Show the token of this log-in with every change from here on. */
  keepToken<Value extends SessionView | CodeAwaited>(outcome: Outcome<Value>): Outcome<Value> {
    if (outcome.status === "ok" && "csrf" in outcome.value) this.#csrf = outcome.value.csrf;
    return outcome;
  }

  /** Send a body, if any, as JSON, and read the answer as such. */
  async json<Value>(method: string, path: string, body?: object, expectsLogIn = false, manner: Manner = {}): Promise<Outcome<Value>> {
    const sent = body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
    return this.#answer(await this.send(method, path, sent, manner), expectsLogIn);
  }

  /** For what is answered without a body. */
  async nothing(method: string, path: string, body?: object, manner: Manner = {}): Promise<Outcome<undefined>> {
    const sent = body === undefined ? undefined : { type: "application/json", text: JSON.stringify(body) };
    const response = await this.send(method, path, sent, manner);
    if (response === null) return { status: "unreachable" };
    return response.ok ? { status: "ok", value: undefined } : this.problem(response);
  }

  /** Send a file. */
  async file<Value>(method: string, path: string, file: Blob, manner: Manner = {}): Promise<Outcome<Value>> {
    const response = await this.send(method, path, { type: "application/octet-stream", text: file }, { limitMs: PATIENT_MS, ...manner });
    return this.#answer(response);
  }

  /** The answer as it came; null when none did. */
  async send(method: string, path: string, body?: { type: string; text: string | Blob }, manner: Manner = {}): Promise<Response | null> {
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

  /** What an answer of 400 or more says. */
  async problem(response: Response, expectsLogIn = false): Promise<Failure> {
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

  async #answer<Value>(response: Response | null, expectsLogIn = false): Promise<Outcome<Value>> {
    if (response === null) return { status: "unreachable" };
    if (!response.ok) return this.problem(response, expectsLogIn);
    try {
      return { status: "ok", value: (await response.json()) as Value };
    } catch {
      return { status: "unreachable" };
    }
  }
}

/** Calls that belong together, on one connection. */
export abstract class Calls {
  protected readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }
}
