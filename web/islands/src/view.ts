/** The part of a drawing that is seen: zooming about a point and moving it, always within the whole. Units are those of the drawing. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How many times larger than the whole a part may be shown. */
export const CLOSEST = 12;

/** The box of a `viewBox`. */
export function boxOf(text: string): Box {
  const [x = 0, y = 0, width = 1, height = 1] = text.trim().split(/[\s,]+/).map(Number);
  return { x, y, width, height };
}

/** How many times larger than the whole a part is shown. */
export function closeness(view: Box, whole: Box): number {
  return whole.width / view.width;
}

/** The view moved, so that it stays within the whole. */
export function moved(view: Box, whole: Box, dx: number, dy: number): Box {
  const within = (at: number, size: number, start: number, length: number): number => Math.min(Math.max(at, start), start + length - size);
  return {
    ...view,
    x: within(view.x + dx, view.width, whole.x, whole.width),
    y: within(view.y + dy, view.height, whole.y, whole.height),
  };
}

/** The view made `factor` times closer; the point stays where it is. */
export function zoomed(view: Box, whole: Box, factor: number, x = view.x + view.width / 2, y = view.y + view.height / 2): Box {
  const close = Math.min(Math.max(closeness(view, whole) * factor, 1), CLOSEST);
  const width = whole.width / close;
  const height = whole.height / close;
  const next = { x: x - ((x - view.x) / view.width) * width, y: y - ((y - view.y) / view.height) * height, width, height };
  return moved(next, whole, 0, 0);
}

/** The view moved as little as shows a point with some room around it. */
export function showing(view: Box, whole: Box, x: number, y: number): Box {
  const reach = (at: number, start: number, size: number): number => {
    const room = size * 0.15;
    return at < start + room ? at - start - room : at > start + size - room ? at - start - size + room : 0;
  };
  return moved(view, whole, reach(x, view.x, view.width), reach(y, view.y, view.height));
}

export interface Place {
  x: number;
  y: number;
}

export type Direction = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const STEPS: Record<Direction, Place> = { ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 }, ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 } };

export function isDirection(key: string): key is Direction {
  return key in STEPS;
}

/** Which of the places is next in a direction: what lies aside counts double, and no more aside than ahead. -1 where there is none. */
export function nextPlace(places: readonly Place[], from: Place, direction: Direction): number {
  const step = STEPS[direction];
  let best = -1;
  let least = Infinity;
  places.forEach((place, at) => {
    const dx = place.x - from.x;
    const dy = place.y - from.y;
    const ahead = dx * step.x + dy * step.y;
    const aside = Math.abs(dx * step.y) + Math.abs(dy * step.x);
    if (ahead > 0 && aside <= ahead && ahead + 2 * aside < least) {
      least = ahead + 2 * aside;
      best = at;
    }
  });
  return best;
}
