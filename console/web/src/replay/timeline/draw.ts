/** Draws the timeline on a canvas. All measures in CSS pixels. */
import { clockTime } from "@/time/zone";

import type { Stretch } from "../source";
import type { Bar, Lane, Tone } from "./lanes";
import { marksOf, placeOf, type Scale } from "./scale";

export const LABELS = 76;
export const AXIS = 24;
export const LANE = 26;
const GAP = 4;

export interface Picture {
  readonly lanes: readonly (Lane & { readonly title: string })[];
  readonly scale: Scale;
  readonly zone: string;
  readonly playhead: number | null;
  readonly hover: number | null;
  /** What is marked: the rest is dimmed. */
  readonly marks: Stretch | null;
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
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
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

export function draw(context: CanvasRenderingContext2D, picture: Picture, palette: Palette): void {
  const { scale, lanes } = picture;
  const height = heightOf(lanes.length);
  context.clearRect(0, 0, scale.right + 16, height);
  context.textBaseline = "middle";
  drawAxis(context, picture, palette, height);
  lanes.forEach((lane, index) => {
    const top = AXIS + GAP + index * (LANE + GAP);
    context.fillStyle = palette.muted;
    context.font = `12px ${palette.font}`;
    context.textAlign = "left";
    context.fillText(lane.title, 4, top + LANE / 2, LABELS - 10);
    context.fillStyle = palette.raised;
    context.fillRect(scale.left, top, scale.right - scale.left, LANE);
    for (const bar of lane.bars) drawBar(context, bar, top, scale, palette);
  });
  if (picture.marks !== null) dimOutside(context, picture.marks, scale, palette, height);
  if (picture.hover !== null) drawLine(context, picture, palette, picture.hover, palette.muted, 1, height);
  if (picture.playhead !== null) drawLine(context, picture, palette, picture.playhead, palette.accent, 2, height);
}

function dimOutside(context: CanvasRenderingContext2D, marks: Stretch, scale: Scale, palette: Palette, height: number): void {
  const [from, to] = [placeOf(scale, marks.from), placeOf(scale, marks.to)];
  context.save();
  context.globalAlpha = 0.7;
  context.fillStyle = palette.surface;
  context.fillRect(scale.left, AXIS, Math.max(0, from - scale.left), height - AXIS);
  context.fillRect(to, AXIS, Math.max(0, scale.right - to), height - AXIS);
  context.globalAlpha = 1;
  context.fillStyle = palette.accent;
  context.fillRect(from, AXIS, to - from, 3);
  context.fillRect(from, AXIS, 2, height - AXIS);
  context.fillRect(to - 2, AXIS, 2, height - AXIS);
  context.restore();
}

function drawAxis(context: CanvasRenderingContext2D, { scale, zone, playhead, hover }: Picture, palette: Palette, height: number): void {
  context.font = `11.5px ${palette.font}`;
  context.textAlign = "center";
  for (const at of marksOf(scale)) {
    const x = Math.round(placeOf(scale, at)) + 0.5;
    context.strokeStyle = palette.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, AXIS - 5);
    context.lineTo(x, height);
    context.stroke();
    context.fillStyle = palette.muted;
    // Half a word would show beside the time of the playhead.
    const isCovered = [playhead, hover].some((line) => line !== null && Math.abs(placeOf(scale, line) - x) < 64);
    if (!isCovered && x - 28 > scale.left - 10 && x + 28 < scale.right + 12) context.fillText(clockTime(at, zone), x, AXIS / 2 - 1);
  }
}

function drawBar(context: CanvasRenderingContext2D, bar: Bar, top: number, scale: Scale, palette: Palette): void {
  const left = placeOf(scale, bar.from);
  const width = Math.max(2, placeOf(scale, bar.to) - left);
  const tall = Math.max(2, LANE * bar.height);
  const y = top + LANE - tall;
  const colour = palette.tone(bar.tone);
  context.save();
  context.beginPath();
  context.rect(left, y, width, tall);
  context.clip();
  context.globalAlpha = bar.height < 1 ? 0.55 : 0.2;
  context.fillStyle = colour;
  context.fillRect(left, y, width, tall);
  context.globalAlpha = 1;
  if (bar.isHatched) hatch(context, left, y, width, tall, colour);
  if (bar.height === 1) {
    context.fillStyle = colour;
    context.fillRect(left, y, width, 3);
    context.fillRect(left, y, 1.5, tall);
    if (width > 26) {
      context.font = `12px ${palette.font}`;
      context.textAlign = "left";
      // The words stand on the surface's colour so that the hatching does not run through them.
      if (bar.isHatched) {
        context.fillStyle = palette.surface;
        context.fillRect(left + 4, y + 6, Math.min(width - 8, context.measureText(bar.label).width + 6), tall - 8);
      }
      context.fillStyle = palette.text;
      context.fillText(fitting(context, bar.label, width - 12), left + 7, y + tall / 2 + 2);
    }
  }
  context.restore();
}

function fitting(context: CanvasRenderingContext2D, label: string, width: number): string {
  if (context.measureText(label).width <= width) return label;
  let short = label;
  while (short.length > 1 && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
  return short.length > 1 ? `${short}…` : "";
}

function hatch(context: CanvasRenderingContext2D, left: number, top: number, width: number, tall: number, colour: string): void {
  context.strokeStyle = colour;
  context.globalAlpha = 0.55;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let x = left - tall; x < left + width; x += 7) {
    context.moveTo(x, top + tall);
    context.lineTo(x + tall, top);
  }
  context.stroke();
  context.globalAlpha = 1;
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
  const words = clockTime(at, zone);
  context.font = `600 11.5px ${palette.font}`;
  context.textAlign = "center";
  const half = context.measureText(words).width / 2 + 6;
  const middle = Math.min(Math.max(x, scale.left + half - 8), scale.right - half + 8);
  context.fillRect(middle - half, 1, half * 2, AXIS - 5);
  context.fillStyle = palette.surface;
  context.fillText(words, middle, AXIS / 2 - 1);
}
