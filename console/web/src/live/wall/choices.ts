/** What may be put onto the wall: windows and cameras, found by their names and numbers. */
import type { CameraView, Text } from "@/api/facts";

export interface Choice {
  readonly key: string;
  readonly kind: "window" | "camera";
  readonly name: Text;
  /** The number of a window; empty for a camera. */
  readonly number: string;
  /** What it puts onto the wall. */
  readonly cameras: readonly string[];
  /** The numbers of the windows that a camera shows. */
  readonly shows: readonly string[];
}

interface Place {
  readonly cameras: readonly CameraView[];
  readonly windows: readonly { readonly id: string; readonly number: string; readonly name: Text }[];
}

/** The cameras of a hall in the order of its configuration, then its windows that have a camera. */
export function choicesOf({ cameras, windows }: Place): Choice[] {
  const numbers = new Map(windows.map((window) => [window.id, window.number]));
  return [
    ...cameras.map(
      (camera): Choice => ({
        key: `camera:${camera.id}`,
        kind: "camera",
        name: camera.name,
        number: "",
        cameras: [camera.id],
        shows: camera.windows.map((window) => numbers.get(window) ?? window),
      }),
    ),
    ...windows.map(
      (window): Choice => ({
        key: `window:${window.id}`,
        kind: "window",
        name: window.name,
        number: window.number,
        cameras: cameras.filter((camera) => camera.windows.includes(window.id)).map((camera) => camera.id),
        shows: [],
      }),
    ),
  ].filter((choice) => choice.cameras.length > 0);
}

/** Those that hold every word of what is sought: in a name of either language, in a number, or in an id. */
export function fitting(choices: readonly Choice[], sought: string): Choice[] {
  const words = sought.toLowerCase().split(/\s+/u).filter(Boolean);
  return choices.filter(({ name, number, key, shows }) => {
    const said = [name.zh, name.en, number, key.slice(key.indexOf(":") + 1), ...shows].join("\n").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
