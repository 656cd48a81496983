import { address } from "./address";
import { Calls } from "./connection";
import type { Board, CameraState, HallView, Observation, Page } from "./facts";
import type { Outcome } from "./outcome";

export interface ObservationQuery {
  readonly kind?: Observation["kind"];
  readonly camera?: string;
  readonly window?: string;
  /** Both or none: without a time, what holds now. */
  readonly from?: string;
  readonly to?: string;
}

/** The halls and what is in them now: windows, cameras, observations. */
export class HallCalls extends Calls {
  all(): Promise<Outcome<Page<HallView>>> {
    return this.connection.json("GET", address("/halls"));
  }

  board(hall: string): Promise<Outcome<Board>> {
    return this.connection.json("GET", address("/board", { hall }));
  }

  /** The cameras of a hall and how they are. */
  cameras(hall: string): Promise<Outcome<Page<CameraState>>> {
    return this.connection.json("GET", address("/cameras", { hall }));
  }

  /** Say that what a camera shows now is right: its reference view is learnt anew. */
  confirmView(camera: string): Promise<Outcome<undefined>> {
    return this.connection.nothing("POST", address(`/cameras/${encodeURIComponent(camera)}/reference-view`));
  }

  observations(query: ObservationQuery): Promise<Outcome<Page<Observation>>> {
    return this.connection.json("GET", address("/observations", { ...query }));
  }
}
