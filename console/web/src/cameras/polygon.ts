/** Plane geometry of zones, as the server has it (hall/polygon.py): points are shares of the picture, 0 to 1. */
export type Point = readonly [number, number];
export type Polygon = readonly Point[];

const FINE = 10_000;
/** Points so close to the border of the picture are meant to lie on it. */
const BORDER = 0.012;
/** Points so close to a corner of another zone are meant to meet it. */
const CORNER = 0.012;

/** A number inside the picture, to a ten-thousandth of it. */
export function inside(value: number): number {
  return Math.round(Math.min(1, Math.max(0, value)) * FINE) / FINE;
}

/** A point inside the picture: on the border when it is close to it, else on a corner that it is close to. */
export function snapped(point: Point, corners: readonly Point[] = []): Point {
  const [x, y] = [inside(point[0]), inside(point[1])];
  const near = corners.find((corner) => Math.hypot(corner[0] - x, corner[1] - y) <= CORNER);
  if (near) return near;
  return [toBorder(x), toBorder(y)];
}

function toBorder(value: number): number {
  if (value < BORDER) return 0;
  return value > 1 - BORDER ? 1 : value;
}

/** The polygon moved as a whole, no further than the picture reaches. */
export function moved(polygon: Polygon, across: number, down: number): Polygon {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const dx = within(across, -Math.min(...xs), 1 - Math.max(...xs));
  const dy = within(down, -Math.min(...ys), 1 - Math.max(...ys));
  return polygon.map(([x, y]) => [inside(x + dx), inside(y + dy)]);
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(least, most), Math.max(least, value));
}

/** The middle of the side that begins with a point. */
export function middle(polygon: Polygon, side: number): Point {
  const [from, to] = sideOf(polygon, side);
  return [inside((from[0] + to[0]) / 2), inside((from[1] + to[1]) / 2)];
}

function sideOf(polygon: Polygon, side: number): readonly [Point, Point] {
  const from = polygon[side] ?? [0, 0];
  return [from, polygon[(side + 1) % polygon.length] ?? from];
}

/** The area of a simple polygon (shoelace formula), as a share of the picture. */
export function area(polygon: Polygon): number {
  let twice = 0;
  polygon.forEach((_, side) => {
    const [from, to] = sideOf(polygon, side);
    twice += from[0] * to[1] - to[0] * from[1];
  });
  return Math.abs(twice) / 2;
}

/** Whether two sides that are not neighbours cross, or the polygon has no area. */
export function crossesItself(polygon: Polygon): boolean {
  const last = polygon.length - 1;
  for (let first = 0; first <= last; first += 1) {
    for (let second = first + 2; second <= last; second += 1) {
      if (first === 0 && second === last) continue;
      if (cross(...sideOf(polygon, first), ...sideOf(polygon, second))) return true;
    }
  }
  return area(polygon) < 1e-6;
}

function cross(a: Point, b: Point, c: Point, d: Point): boolean {
  const side = (p: Point, q: Point, r: Point): number => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
}

/** The middle of all points: where a label stands. */
export function centre(polygon: Polygon): Point {
  const sum = polygon.reduce<Point>(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / polygon.length, sum[1] / polygon.length];
}
