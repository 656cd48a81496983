/** The keys of the player, as in video editors. The sheet of keys says the same in words. */
import { type Bindings, useKeys } from "@/shell/keys";

import { type Deck, MOST_CAMERAS } from "./deck";

export interface KeyActions {
  jump(direction: 1 | -1): void;
  /** To the beginning or the end of what is replayed. */
  edge(direction: 1 | -1): void;
  zoom(factor: number): void;
  readonly zoomAll: () => void;
  /** To the transaction before or after this one. */
  neighbour(direction: 1 | -1): void;
}

export function usePlayerKeys(deck: Deck, actions: KeyActions): void {
  const digits: Bindings = Object.fromEntries(
    Array.from({ length: MOST_CAMERAS }, (_, index) => [
      String(index + 1),
      () => {
        const stream = deck.streams.value[index];
        if (stream) deck.large.value = stream.id;
      },
    ]),
  );
  useKeys({
    ...digits,
    " ": deck.toggle,
    k: deck.pause,
    l: () => { deck.shuttle(1); },
    j: () => { deck.shuttle(-1); },
    m: deck.toggleSound,
    ",": () => { deck.stepBy(-1); },
    ".": () => { deck.stepBy(1); },
    ArrowLeft: () => { deck.seekBy(-5); },
    ArrowRight: () => { deck.seekBy(5); },
    "Shift+ArrowLeft": () => { deck.seekBy(-1); },
    "Shift+ArrowRight": () => { deck.seekBy(1); },
    ArrowUp: () => { deck.changeRate(1); },
    ArrowDown: () => { deck.changeRate(-1); },
    "[": () => { actions.jump(-1); },
    "]": () => { actions.jump(1); },
    Home: () => { actions.edge(-1); },
    End: () => { actions.edge(1); },
    "+": () => { actions.zoom(0.5); },
    "=": () => { actions.zoom(0.5); },
    "-": () => { actions.zoom(2); },
    "0": actions.zoomAll,
    p: () => { actions.neighbour(-1); },
    n: () => { actions.neighbour(1); },
  });
}
