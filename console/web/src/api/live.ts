import { address } from "./address";
import { Calls } from "./connection";
import type { LiveLayout, LiveLayoutRequest, LiveLayouts } from "./facts";
import type { Outcome } from "./outcome";

/** The answer to a WHEP offer, and where the session is ended. */
export interface LiveAnswer {
  readonly sdp: string;
  readonly session: string;
}

/** Live pictures, and the layouts of the wall that shows them. */
export class LiveCalls extends Calls {
  /** Offer to receive a camera's live picture (WHEP). */
  async offer(camera: string, sdp: string): Promise<Outcome<LiveAnswer>> {
    const path = address(`/live/${encodeURIComponent(camera)}/whep`);
    const response = await this.connection.send("POST", path, { type: "application/sdp", text: sdp });
    if (response === null) return { status: "unreachable" };
    if (!response.ok) return this.connection.problem(response);
    return { status: "ok", value: { sdp: await response.text(), session: response.headers.get("Location") ?? "" } };
  }

  /** End a live session that `offer` began. */
  end(session: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", session);
  }

  /** The own layouts of a hall's live wall, and what was on it last. */
  layouts(hall: string): Promise<Outcome<LiveLayouts>> {
    return this.connection.json("GET", address("/live/layouts", { hall }));
  }

  /** Remember what is on the wall, and from which saved layout it was begun. */
  keepWall(wall: LiveLayoutRequest, shownAs: string): Promise<Outcome<LiveLayout>> {
    return this.connection.json("PUT", address("/live/layouts"), { ...wall, shown_as: shownAs || null });
  }

  /** Save a layout under a name, in the place of the one that has it. */
  saveLayout(name: string, wall: LiveLayoutRequest): Promise<Outcome<LiveLayout>> {
    return this.connection.json("PUT", address(`/live/layouts/${encodeURIComponent(name)}`), wall);
  }

  removeLayout(hall: string, name: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("DELETE", address(`/live/layouts/${encodeURIComponent(name)}`, { hall }));
  }
}
