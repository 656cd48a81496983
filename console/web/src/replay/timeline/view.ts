/** Which time the timeline shows: zooming and panning. Pure; moments and lengths in milliseconds. */
import type { Stretch } from "../source";

/** What the keys of the player ask of the timeline. */
export interface PanelControls {
  readonly zoomBy: (factor: number) => void;
  readonly showAll: () => void;
  readonly pan: (by: number) => void;
}

export const SHORTEST = 1_000;
export const LONGEST = 400 * 86_400_000;

/** The time that is shown and how far it may reach: nothing lies behind `latest`. */
export function held(view: Stretch, latest: number): Stretch {
  const span = Math.min(LONGEST, Math.max(SHORTEST, view.to - view.from));
  const middle = (view.from + view.to) / 2;
  const from = Math.min(middle - span / 2, latest - span);
  return { from, to: from + span };
}

/** Longer (`factor` above 1) or shorter, with `at` staying in its place. */
export function zoomed(view: Stretch, at: number, factor: number, latest: number): Stretch {
  const span = view.to - view.from;
  const wanted = Math.min(LONGEST, Math.max(SHORTEST, span * factor));
  const share = (at - view.from) / span;
  const from = at - share * wanted;
  return held({ from, to: from + wanted }, latest);
}

export function panned(view: Stretch, by: number, latest: number): Stretch {
  return held({ from: view.from + by, to: view.to + by }, latest);
}

/** The view that shows the playhead while it moves: the next page when it leaves at the end. */
export function following(view: Stretch, before: number | null, playhead: number): Stretch | null {
  const span = view.to - view.from;
  if (playhead >= view.from && playhead < view.to) return null;
  const wasShown = before === null || (before >= view.from && before < view.to);
  if (!wasShown) return null;
  const isNextPage = playhead >= view.to && playhead < view.to + span;
  const from = isNextPage ? playhead - span * 0.05 : playhead - span / 2;
  return { from, to: from + span };
}
