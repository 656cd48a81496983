/** Draws the timeline on a canvas. All measures in CSS pixels. */
import { clockTime, dayOf } from "@/time/zone";

import type { Stretch } from "../source";
import type { Lane, Tone } from "./lane";
import { marksOf, placeOf, type Scale } from "./scale";
import { type Placed, visible } from "./thinning";

export const LABELS = 108;
export const AXIS = 24;
export const LANE = 22;
const GAP = 3;

export interface TitledLane extends Lane {
  readonly title: string;
  /** Said in the place of bars, where the view is too long for them. */
  readonly note: string;
}

export interface Picture {
  readonly lanes: readonly TitledLane[];
  readonly scale: Scale;
  readonly zone: string;
  readonly playhead: number | null;
  readonly hover: number | null;
  /** What is marked: the rest is dimmed. */
  readonly marks: Stretch | null;
  /** What is replayed: it is framed. */
  readonly focus: Stretch | null;
}

/** The colours and the font of the page, as they are now. */
export interface Palette {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly raised: string;
  readonly accent: string;
  readonly font: string;
  tone(tone: Tone): string;
}

export function paletteOf(element: Element): Palette {
  const style = getComputedStyle(element);
  const known = new Map<string, string>();
  const colour = (name: string): string => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = style.getPropertyValue(`--${name}`).trim();
    known.set(name, found);
    return found;
  };
  return {
    text: colour("text"),
    muted: colour("muted"),
    line: colour("line"),
    surface: colour("surface"),
    raised: colour("raised"),
    accent: colour("accent"),
    font: style.fontFamily,
    tone: colour,
  };
}

export function heightOf(lanes: number): number {
  return AXIS + lanes * (LANE + GAP) + GAP;
}

/** Draws it, and tells how many bars it took. */
export function draw(context: CanvasRenderingContext2D, picture: Picture, palette: Palette): number {
  const { scale, lanes } = picture;
  const height = heightOf(lanes.length);
  let drawn = 0;
  context.clearRect(0, 0, scale.right + 16, height);
  context.textBaseline = "middle";
  drawAxis(context, picture, palette, height);
  lanes.forEach((lane, index) => {
    const top = AXIS + GAP + index * (LANE + GAP);
    context.fillStyle = palette.muted;
    context.font = `12px ${palette.font}`;
    context.textAlign = "left";
    context.fillText(fitting(context, lane.title, LABELS - 10), 4, top + LANE / 2);
    context.fillStyle = palette.raised;
    context.fillRect(scale.left, top, scale.right - scale.left, LANE);
    if (lane.isBlank) {
      context.fillStyle = palette.muted;
      context.fillText(lane.note, scale.left + 8, top + LANE / 2 + 1);
    }
    for (const placed of visible(lane.bars, scale)) {
      drawBar(context, placed, top, palette);
      drawn += 1;
    }
  });
  if (picture.focus !== null) frame(context, picture.focus, scale, palette);
  if (picture.marks !== null) dimOutside(context, picture.marks, scale, palette, height);
  if (picture.hover !== null) drawLine(context, picture, palette, picture.hover, palette.muted, 1, height);
  if (picture.playhead !== null) drawLine(context, picture, palette, picture.playhead, palette.accent, 2, height);
  return drawn;
}

function clamped(scale: Scale, at: number): number {
  return Math.min(scale.right, Math.max(scale.left, placeOf(scale, at)));
}

/** A line under the axis over what is replayed. */
function frame(context: CanvasRenderingContext2D, focus: Stretch, scale: Scale, palette: Palette): void {
  const [from, to] = [clamped(scale, focus.from), clamped(scale, focus.to)];
  context.fillStyle = palette.accent;
  context.globalAlpha = 0.45;
  context.fillRect(from, AXIS - 1, Math.max(2, to - from), 3);
  context.globalAlpha = 1;
}

function dimOutside(context: CanvasRenderingContext2D, marks: Stretch, scale: Scale, palette: Palette, height: number): void {
  const [from, to] = [clamped(scale, marks.from), clamped(scale, marks.to)];
  context.save();
  context.globalAlpha = 0.7;
  context.fillStyle = palette.surface;
  context.fillRect(scale.left, AXIS, from - scale.left, height - AXIS);
  context.fillRect(to, AXIS, scale.right - to, height - AXIS);
  context.globalAlpha = 1;
  context.fillStyle = palette.accent;
  context.fillRect(from, AXIS, to - from, 3);
  context.fillRect(from, AXIS, 2, height - AXIS);
  context.fillRect(to - 2, AXIS, 2, height - AXIS);
  context.restore();
}

function drawAxis(context: CanvasRenderingContext2D, { scale, zone, playhead, hover }: Picture, palette: Palette, height: number): void {
  context.font = `600 11.5px ${palette.font}`;
  context.textAlign = "left";
  context.fillStyle = palette.muted;
  // The day of the left edge: the marks beside it say only the time.
  context.fillText(dayOf(scale.bounds.from, zone), 4, AXIS / 2 - 1);
  context.font = `11.5px ${palette.font}`;
  context.textAlign = "center";
  for (const { at, label } of marksOf(scale, zone)) {
    const x = Math.round(placeOf(scale, at)) + 0.5;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, AXIS - 5);
    context.lineTo(x, height);
    context.stroke();
    context.fillStyle = palette.muted;
    // Half a word would show beside the time of the playhead.
    const isCovered = [playhead, hover].some((line) => line !== null && Math.abs(placeOf(scale, line) - x) < 88);
    if (!isCovered && x - 28 > scale.left - 10 && x + 28 < scale.right + 12) context.fillText(label, x, AXIS / 2 - 1);
  }
}

function drawBar(context: CanvasRenderingContext2D, { bar, left, right }: Placed, top: number, palette: Palette): void {
  const width = right - left;
  const tall = Math.max(2, LANE * bar.height);
  const y = top + LANE * (1 - bar.base) - tall;
  const colour = palette.tone(bar.tone);
  context.globalAlpha = bar.height < 1 ? 0.55 : 0.2;
  context.fillStyle = colour;
  context.fillRect(left, y, width, tall);
  context.globalAlpha = 1;
  if (bar.isHatched) hatch(context, left, y, width, tall, colour);
  if (bar.height < 1) return;
  context.fillStyle = colour;
  context.fillRect(left, y, width, 3);
  context.fillRect(left, y, 1.5, tall);
  if (width <= 26) return;
  context.save();
  context.beginPath();
  context.rect(left, y, width, tall);
  context.clip();
  context.font = `12px ${palette.font}`;
  context.textAlign = "left";
  // The words stand on the surface's colour so that the hatching does not run through them.
  if (bar.isHatched) {
    context.fillStyle = palette.surface;
    context.fillRect(left + 4, y + 5, Math.min(width - 8, context.measureText(bar.label).width + 6), tall - 6);
  }
  context.fillStyle = palette.text;
  context.fillText(fitting(context, bar.label, width - 12), left + 7, y + tall / 2 + 2);
  context.restore();
}

function fitting(context: CanvasRenderingContext2D, label: string, width: number): string {
  if (context.measureText(label).width <= width) return label;
  let [low, high] = [0, label.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${label.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? `${label.slice(0, low)}…` : "";
}

function hatch(context: CanvasRenderingContext2D, left: number, top: number, width: number, tall: number, colour: string): void {
  context.save();
  context.beginPath();
  context.rect(left, top, width, tall);
  context.clip();
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let x = left - tall; x < left + width; x += 7) {
    context.moveTo(x, top + tall);
    context.lineTo(x + tall, top);
  }
  context.stroke();
  context.restore();
}

function drawLine(
  context: CanvasRenderingContext2D,
  { scale, zone }: Picture,
  palette: Palette,
  at: number,
  colour: string,
  width: number,
  height: number,
): void {
  const x = placeOf(scale, at);
  if (x < scale.left - 1 || x > scale.right + 1) return;
  context.fillStyle = colour;
  context.fillRect(x - width / 2, AXIS - 4, width, height - AXIS + 4);
  const span = scale.bounds.to - scale.bounds.from;
  const words = span > 86_400_000 ? `${dayOf(at, zone).slice(5)} ${clockTime(at, zone)}` : clockTime(at, zone);
  context.font = `600 11.5px ${palette.font}`;
  context.textAlign = "center";
  const half = context.measureText(words).width / 2 + 6;
  const middle = Math.min(Math.max(x, scale.left + half - 8), scale.right - half + 8);
  context.fillRect(middle - half, 1, half * 2, AXIS - 5);
  context.fillStyle = palette.surface;
  context.fillText(words, middle, AXIS / 2 - 1);
}
